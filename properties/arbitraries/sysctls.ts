/** Sysctls: which are written, and with what. */

import * as fc from 'fast-check';
import type { KernelSysctl } from '../../src/generated/types.js';
import { kernelSpec } from '../../src/host/kernel-spec.js';
import type { KernelVariant } from '../../src/host/variant.js';

/** What is written before the listener is made. */
export interface SysctlConstraints {
  /** Written always, each with one of these values. */
  readonly always?: Readonly<Record<string, readonly number[]>>;
  /** Written or not, with one of {@link EDGES}. Default: all that are listed there. */
  readonly maybe?: readonly string[];
}

/** Values around which something changes, the plainest first. */
export const EDGES: Readonly<Record<string, readonly number[]>> = {
  'net.core.somaxconn': [128, 1, 0, 2, 7, 8, 9, 15, 16, 17, 127, 129, 1024, 65535, 65536, -1],
  'net.ipv4.tcp_max_syn_backlog': [1024, 128, 16, 8, 7, 4, 3, 1, 0, 9, 15, 17, 32, 64, 256, -1],
  'net.ipv4.tcp_syncookies': [0, 1, 2],
  'net.ipv4.tcp_abort_on_overflow': [0, 1],
  'net.ipv4.tcp_synack_retries': [5, 1, 0, 2, 3, 8, 255],
  'net.ipv4.tcp_rto_max_ms': [120_000, 1000, 3000, 1001, 10_000],
  'net.ipv4.tcp_fastopen': [1, 2, 0x202, 0x203, 0x402, 0x602, 0],
  'net.ipv4.tcp_invalid_ratelimit': [500, 0, 1, 2000],
  'net.ipv4.tcp_challenge_ack_limit': [1000, 1, 2, 0],
  'net.ipv4.tcp_timestamps': [1, 0],
  'net.ipv4.tcp_adv_win_scale': [1, 2, 0, -1, -2],
  'net.ipv4.tcp_workaround_signed_windows': [0, 1],
  'net.core.message_cost': [5, 1, 0],
  'net.core.message_burst': [10, 1, 0],
  'net.core.warnings': [1, 0],
};

/** Values outside of a range, or of more than 32 bits. */
const REFUSED: readonly number[] = [-1, 65536, 2 ** 31, -(2 ** 31), 2 ** 32 - 1];

/** The sysctls of a kernel, by full name. */
export function sysctlsOf({ name }: KernelVariant): Readonly<Record<string, KernelSysctl>> {
  return kernelSpec(name)?.sysctls ?? {};
}

/** The kernel's default; undefined where it has no such file. */
export function defaultOf(kernel: KernelVariant, name: string): number | undefined {
  return sysctlsOf(kernel)[name]?.default;
}

/** One sysctl that the kernel has, and a value for it. */
export function sysctlWrite(
  kernel: KernelVariant,
  names = Object.keys(EDGES),
): fc.Arbitrary<readonly [string, number]> {
  const known = names.filter((name) => defaultOf(kernel, name) !== undefined);
  return fc.oneof(
    ...known.map((name) => fc.constantFrom(...(EDGES[name] ?? [])).map((value) => [name, value] as const)),
  );
}

/** A sysctl with a value that a kernel may refuse: one of the usual, or just above the greatest of a range; or one that no kernel has. */
export function refusedWrite(kernel: KernelVariant): fc.Arbitrary<readonly [string, number]> {
  const names = Object.keys(sysctlsOf(kernel));
  const beyond = Object.values(sysctlsOf(kernel)).flatMap(({ max }) => (max === undefined ? [] : [max + 1]));
  return fc.tuple(
    fc.constantFrom('net.core.somaxconn', ...names, 'net.ipv4.no_such_setting'),
    fc.constantFrom(...new Set([...REFUSED, ...beyond])),
  );
}

/** Settings by full name; fewer as it shrinks. Names that the kernel lacks are left out. */
export function sysctls(
  kernel: KernelVariant,
  constraints: SysctlConstraints = {},
): fc.Arbitrary<Record<string, number>> {
  const { always = {}, maybe = Object.keys(EDGES) } = constraints;
  const known = (name: string): boolean => defaultOf(kernel, name) !== undefined;
  const fixed = Object.entries(always).filter(([name]) => known(name));
  const free = maybe.filter((name) => known(name) && always[name] === undefined);
  return fc
    .tuple(
      fc.record(Object.fromEntries(fixed.map(([name, values]) => [name, fc.constantFrom(...values)]))),
      fc.record(Object.fromEntries(free.map((name) => [name, fc.constantFrom(...(EDGES[name] ?? [0]))])), {
        requiredKeys: [],
      }),
    )
    .map(([first, second]) => ({ ...first, ...second }) as Record<string, number>);
}
