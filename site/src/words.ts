/** Numbers and times as the page writes them. */

/** `60,000`. */
export const grouped = (value: number): string => value.toLocaleString('en-US');

/** `3.000333 s`. */
export const seconds = (us: number): string => `${(us / 1_000_000).toFixed(6)} s`;

/** `1 SYN`, `2 SYNs`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;
