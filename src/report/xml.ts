/** Text in XML and HTML. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML 1.0, and for HTML: without the characters that no document may have, and with references for those that mean something. */
export function escaped(text: string): string {
  return [...text]
    .map((char) => (isAllowed(char.codePointAt(0) as number) ? (ENTITIES[char] ?? char) : '\uFFFD'))
    .join('');
}

/** Production 2 of XML 1.0. */
function isAllowed(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}
