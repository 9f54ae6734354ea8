/** Errno names. A recorder that has no name for a number writes it as `E2`. */

const NUMBERS: Readonly<Record<string, number>> = {
  ENOENT: 2,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EINVAL: 22,
  ENOTSOCK: 88,
  ENOPROTOOPT: 92,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  ENOTCONN: 107,
};

/** True when both mean the same errno, or both are 0 or absent. */
export function sameErrno(a: 0 | string | undefined, b: 0 | string | undefined): boolean {
  return a === b || (typeof a === 'string' && typeof b === 'string' && number(a) === number(b));
}

const number = (name: string): number | string => NUMBERS[name] ?? (/^E\d+$/.test(name) ? Number(name.slice(1)) : name);
