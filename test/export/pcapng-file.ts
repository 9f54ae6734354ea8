/** A reader of pcapng files, written from the format's description and apart from what writes them. */

/** A packet of a capture. */
export interface Captured {
  /** The section that it is in, from 0. */
  readonly section: number;
  /** In units of the interface's resolution. */
  readonly time: bigint;
  readonly bytes: Buffer;
  readonly originalLength: number;
  /** By code. */
  readonly options: ReadonlyMap<number, readonly Buffer[]>;
}

/** A capture. */
export interface Capture {
  readonly sections: readonly ReadonlyMap<number, readonly Buffer[]>[];
  readonly interfaces: readonly {
    readonly linkType: number;
    readonly options: ReadonlyMap<number, readonly Buffer[]>;
  }[];
  readonly packets: readonly Captured[];
}

/** Reads a capture. @throws Error where it is none */
export function readCapture(bytes: Uint8Array): Capture {
  const file = Buffer.from(bytes);
  const sections: ReadonlyMap<number, readonly Buffer[]>[] = [];
  const interfaces: { linkType: number; options: ReadonlyMap<number, readonly Buffer[]> }[] = [];
  const packets: Captured[] = [];
  let interfacesOfSection = 0;
  for (let at = 0; at < file.length; ) {
    const type = file.readUInt32LE(at);
    const length = file.readUInt32LE(at + 4);
    if (length % 4 !== 0 || length < 12 || at + length > file.length)
      throw new Error(`block length ${length} at ${at}`);
    if (file.readUInt32LE(at + length - 4) !== length) throw new Error(`the lengths of the block at ${at} differ`);
    const body = file.subarray(at + 8, at + length - 4);
    at += length;
    if (type === 0x0a0d0d0a) {
      if (body.readUInt32LE(0) !== 0x1a2b3c4d) throw new Error('byte order');
      if (body.readUInt16LE(4) !== 1 || body.readUInt16LE(6) !== 0) throw new Error('version');
      sections.push(options(body.subarray(16)));
      interfacesOfSection = 0;
    } else if (sections.length === 0) {
      throw new Error('a block before any section');
    } else if (type === 1) {
      interfaces.push({ linkType: body.readUInt16LE(0), options: options(body.subarray(8)) });
      interfacesOfSection += 1;
    } else if (type === 6) {
      if (body.readUInt32LE(0) >= interfacesOfSection) throw new Error('no such interface');
      const captured = body.readUInt32LE(12);
      packets.push({
        section: sections.length - 1,
        time: (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8)),
        bytes: body.subarray(20, 20 + captured),
        originalLength: body.readUInt32LE(16),
        options: options(body.subarray(20 + captured + (-captured & 3))),
      });
    } else {
      throw new Error(`block type ${type}`);
    }
  }
  return { sections, interfaces, packets };
}

function options(bytes: Buffer): ReadonlyMap<number, readonly Buffer[]> {
  const found = new Map<number, Buffer[]>();
  for (let at = 0; at < bytes.length; ) {
    const code = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (code === 0) {
      if (length !== 0 || at + 4 !== bytes.length) throw new Error('something after the last option');
      return found;
    }
    if (at + 4 + length > bytes.length) throw new Error('an option is cut off');
    found.set(code, [...(found.get(code) ?? []), bytes.subarray(at + 4, at + 4 + length)]);
    at += 4 + length + (-length & 3);
  }
  if (bytes.length > 0) throw new Error('options without an end');
  return found;
}
