/** System calls, through koffi, which is loaded only here and only when it is needed. */

import { constants } from 'node:os';
import { Unsupported } from './unsupported.js';

/** Memory that a system call reads or writes. */
type Memory = NodeJS.ArrayBufferView | null;

/** System calls by their names. Each gives what C gives, but minus the errno where C has -1. They run on the main thread, which they block. */
export interface Libc {
  accept4(fd: number, address: Memory, length: Memory, flags: number): number;
  bind(fd: number, address: Memory, length: number): number;
  clock_getres(clock: number, time: Memory): number;
  clock_gettime(clock: number, time: Memory): number;
  close(fd: number): number;
  connect(fd: number, address: Memory, length: number): number;
  getppid(): number;
  getsockopt(fd: number, level: number, option: number, value: Memory, length: Memory): number;
  ioctl(fd: number, request: number, argument: Memory): number;
  listen(fd: number, backlog: number): number;
  pipe2(fds: Memory, flags: number): number;
  ppoll(fds: Memory, count: number, timeout: Memory, signals: Memory): number;
  prctl(option: number, a: number, b: number, c: number, d: number): number;
  read(fd: number, bytes: Memory, length: number): number;
  sched_getaffinity(pid: number, size: number, set: Memory): number;
  sched_setaffinity(pid: number, size: number, set: Memory): number;
  setsockopt(fd: number, level: number, option: number, value: Memory, length: number): number;
  shutdown(fd: number, how: number): number;
  socket(family: number, type: number, protocol: number): number;
  unshare(flags: number): number;
  write(fd: number, bytes: Memory, length: number): number;
  /** mmap(2) of a descriptor, for reading and writing, shared with the kernel. @throws Error that names the errno */
  map(fd: number, length: number): Mapping;
}

/** Memory that is shared with the kernel. */
export interface Mapping {
  /** Not to be touched after {@link unmap}. */
  readonly memory: ArrayBuffer;
  unmap(): void;
}

/** What they are in C. */
const PROTOTYPES: Readonly<Record<Exclude<keyof Libc, 'map'>, string>> = {
  accept4: 'int accept4(int, void *, void *, int)',
  bind: 'int bind(int, void *, uint32_t)',
  clock_getres: 'int clock_getres(int, void *)',
  clock_gettime: 'int clock_gettime(int, void *)',
  close: 'int close(int)',
  connect: 'int connect(int, void *, uint32_t)',
  getppid: 'int getppid()',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  ioctl: 'int ioctl(int, unsigned long, void *)',
  listen: 'int listen(int, int)',
  pipe2: 'int pipe2(void *, int)',
  ppoll: 'int ppoll(void *, unsigned long, void *, void *)',
  prctl: 'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
  read: 'long read(int, void *, size_t)',
  sched_getaffinity: 'int sched_getaffinity(int, size_t, void *)',
  sched_setaffinity: 'int sched_setaffinity(int, size_t, void *)',
  setsockopt: 'int setsockopt(int, int, int, void *, uint32_t)',
  shutdown: 'int shutdown(int, int)',
  socket: 'int socket(int, int, int)',
  unshare: 'int unshare(int)',
  write: 'long write(int, void *, size_t)',
};

/** Loads koffi and, with it, the system calls. @throws Unsupported where koffi is missing or does not run here */
export async function loadLibc(): Promise<Libc> {
  const { default: koffi } = await import('koffi').catch((error: Error) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new Unsupported(
      missing
        ? 'Talking to the running kernel needs koffi: npm install koffi'
        : `Talking to the running kernel needs koffi, which cannot be loaded: ${error.message.split('\n')[0]}`,
    );
  });
  const libc = koffi.load(null);
  const calls = Object.entries(PROTOTYPES).map(([name, prototype]) => {
    const call = libc.func(prototype);
    return [
      name,
      (...args: unknown[]): number => {
        const result = Number(call(...args));
        return result === -1 ? -koffi.errno() : result;
      },
    ];
  });
  const mmap = libc.func('void *mmap(void *, size_t, int, int, int, long)');
  const munmap = libc.func('int munmap(void *, size_t)');
  const map = (fd: number, length: number): Mapping => {
    const address = mmap(null, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) as bigint;
    if (address === MAP_FAILED) must(-koffi.errno(), 'mmap');
    return { memory: koffi.view(address, length), unmap: () => void munmap(address, length) };
  };
  return { ...Object.fromEntries(calls), map } as unknown as Libc;
}

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 2n ** 64n - 1n;

/** By their numbers. Of two names for one the better known comes last, and counts. */
const ERRNOS = new Map(
  [
    ...Object.entries(constants.errno),
    ['EAGAIN', constants.errno.EAGAIN],
    ['EOPNOTSUPP', constants.errno.EOPNOTSUPP],
  ].map(([name, number]) => [number, name] as [number, string]),
);

/** The errno of a failed call, by its name; `E` and the number where it has none. @param result negative */
export const errnoName = (result: number): string => ERRNOS.get(-result) ?? `E${-result}`;

/** What a call gave, if it did not fail. @param what what it was for, in the message @throws Error that names the errno */
export function must(result: number, what: string): number {
  if (result < 0) throw new Error(`${what}: ${errnoName(result)}`);
  return result;
}
