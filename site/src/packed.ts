/** Small files in an address: compressed, and in letters that an address may have. */

/** The longest that is put into an address, in characters. */
const LONGEST = 24_000;

/** How much a file in an address may have, bytes: a link is not to fill the memory of whoever opens it. */
const MOST = 16 * 2 ** 20;

/** The file as text for an address; undefined: it is too large. */
export async function pack(file: Blob): Promise<string | undefined> {
  if (file.size > MOST) return undefined;
  const packed = await new Response(file.stream().pipeThrough(new CompressionStream('deflate-raw'))).bytes();
  if (packed.length * 1.34 > LONGEST) return undefined;
  const letters = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(''));
  return letters.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The file of a text from an address; undefined: it is damaged. */
export async function unpack(text: string): Promise<Blob | undefined> {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (value === undefined) continue;
      size += value.length;
      if (size > MOST) return undefined;
      parts.push(value);
    }
    return new Blob(parts);
  } catch {
    return undefined;
  }
}
