/**
 * Traces as a capture file in the pcapng format (draft-ietf-opsawg-pcapng), as Wireshark reads it: IPv4 without a link layer, both directions,
 * times in µs from the trace's start, and as comments the rules that decided what happened.
 */

import { ruleSpecs } from '../generated/rules.js';
import type { RuleId } from '../host/rule.js';
import type { Trace } from '../run/scenario.js';
import { encodePacket } from '../trace/packet.js';
import { TraceSegments } from './segments.js';

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
/** LINKTYPE_RAW: a packet begins with its IP header. */
const LINKTYPE_RAW = 101;
const OPTION = { end: 0, comment: 1, application: 4, packetFlags: 2, interfaceName: 2, resolution: 9 } as const;
/** Times are in units of 10^-6 s. */
const MICROSECONDS = 6;
const DIRECTION = { in: 1, out: 2 } as const;
/** The longest value that an option can have, in bytes. */
const LONGEST = 0xffff;

const SENTENCES: ReadonlyMap<string, (typeof ruleSpecs)[number]> = new Map(ruleSpecs.map((rule) => [rule.id, rule]));

/**
 * A capture of one trace. Captures one after the other are a capture, too: each is a section of its own.
 * @param rules the rules that fired in each step, where that is known; they are told at the step's first packet
 */
export function pcapng(trace: Trace, rules: readonly (readonly RuleId[])[] = []): Uint8Array {
  const { header, steps } = trace;
  const { id, kernel } = header;
  const file = new Blocks();
  file.block(SECTION_HEADER, (block) => {
    block.u32(BYTE_ORDER);
    block.u16(1);
    block.u16(0);
    // How long the section is: not said.
    block.u32(0xffffffff);
    block.u32(0xffffffff);
    block.option(OPTION.comment, utf8(`${id}: ${kernel.name} ${kernel.release}, HZ=${kernel.hz}`));
    block.option(OPTION.application, utf8('tcp-backlog'));
    block.option(OPTION.end, NOTHING);
  });
  file.block(INTERFACE, (block) => {
    block.u16(LINKTYPE_RAW);
    block.u16(0);
    // No limit to the length of a packet.
    block.u32(0);
    block.option(OPTION.interfaceName, utf8('listener'));
    block.option(OPTION.resolution, Uint8Array.of(MICROSECONDS));
    block.option(OPTION.end, NOTHING);
  });
  const segments = new TraceSegments(header);
  steps.forEach((step, i) => {
    let comment = inSentences(rules[i] ?? [], kernel.variant);
    for (const { at, direction, packet } of segments.step(step)) {
      const bytes = encodePacket(packet);
      const told = comment;
      comment = '';
      file.block(ENHANCED_PACKET, (block) => {
        block.u32(0);
        block.u32(Math.floor(at / 2 ** 32));
        block.u32(at % 2 ** 32);
        block.u32(bytes.length);
        block.u32(bytes.length);
        block.padded(bytes);
        if (told !== '') block.option(OPTION.comment, utf8(told));
        block.option(OPTION.packetFlags, Uint8Array.of(DIRECTION[direction], 0, 0, 0));
        block.option(OPTION.end, NOTHING);
      });
    }
  });
  return file.bytes();
}

/** Each rule once, in the order in which they first fired. */
function inSentences(rules: readonly RuleId[], variant: string): string {
  return [...new Set(rules)]
    .map((id) => {
      const rule = SENTENCES.get(id);
      return `${id}: ${rule?.kernels[variant]?.sentence ?? rule?.sentence ?? ''}`;
    })
    .join('\n');
}

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

/** Text as an option's value; what is too long for one is cut off. */
function utf8(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length <= LONGEST) return bytes;
  let end = LONGEST;
  while (((bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

/** Bytes that grow, little-endian, in blocks that have their length at both ends. */
class Blocks {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  block(type: number, body: (block: Blocks) => void): void {
    const start = this.#length;
    this.u32(type);
    this.u32(0);
    body(this);
    const length = this.#length + 4 - start;
    this.u32(length);
    this.#view.setUint32(start + 4, length, true);
  }

  option(code: number, value: Uint8Array): void {
    this.u16(code);
    this.u16(value.length);
    this.padded(value);
  }

  u16(value: number): void {
    this.#room(2);
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
  }

  u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** Bytes, and zeros up to a multiple of four. */
  padded(bytes: Uint8Array): void {
    const length = (bytes.length + 3) & ~3;
    this.#room(length);
    this.#bytes.set(bytes, this.#length);
    this.#length += length;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
