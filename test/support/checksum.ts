/** The Internet checksum, reckoned in another way than in the sources. */

/** The sum that a receiver makes: all ones where nothing was damaged (RFC 1071, byte by byte). */
export function receivedSum(bytes: Iterable<number>): number {
  let sum = 0;
  let i = 0;
  for (const byte of bytes) {
    sum += i % 2 === 0 ? byte * 256 : byte;
    i += 1;
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}
