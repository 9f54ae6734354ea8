/** The counters of a machine in the rows and columns of its kernel. */

import type { TcpState } from '../../generated/types.js';
import type { Host } from '../../host/host.js';
import { isSince, kernelSpec } from '../../host/kernel-spec.js';
import type { KernelVariant } from '../../host/variant.js';

/** A row of /proc/net/snmp or /proc/net/netstat: the names of its columns and their values, in the kernel's order. */
export interface CounterRow {
  readonly prefix: 'Tcp' | 'TcpExt';
  readonly columns: readonly (readonly [name: string, value: number])[];
}

/** What is no count of events: settings of the kernel (`tcp_mib_init`), and the number of connections. */
const SETTINGS: Readonly<Record<string, number>> = { RtoAlgorithm: 1, RtoMin: 200, RtoMax: 120_000, MaxConn: -1 };

/**
 * The `Tcp` row. Columns that the model does not reach are 0. `CurrEstab` is the number of connections that are ESTABLISHED; one that
 * the peer has closed is counted from 5.10 on only (`tcp_set_state`).
 */
export function tcpRow(variant: KernelVariant, host: Host): CounterRow {
  const closeWait = isSince(variant.name, '5.10');
  const counts = (state: TcpState): boolean => state === 'ESTABLISHED' || (closeWait && state === 'CLOSE_WAIT');
  const established = variant.sockets(host).filter(({ state }) => counts(state)).length;
  return row(variant, host, 'Tcp', { ...SETTINGS, CurrEstab: established });
}

/** The `TcpExt` row. Columns that the model does not reach are 0. */
export function tcpExtRow(variant: KernelVariant, host: Host): CounterRow {
  return row(variant, host, 'TcpExt', {});
}

function row(
  variant: KernelVariant,
  host: Host,
  prefix: CounterRow['prefix'],
  other: Readonly<Record<string, number>>,
): CounterRow {
  const counters: Readonly<Record<string, number>> = host.counters;
  const names = kernelSpec(variant.name)?.counters[prefix] ?? [];
  return { prefix, columns: names.map((name) => [name, other[name] ?? counters[name] ?? 0]) };
}

/** Both lines of a row: the names, and the values below. */
export function rowLines({ prefix, columns }: CounterRow): string[] {
  const line = (cells: readonly (string | number)[]): string => `${prefix}: ${cells.join(' ')}`;
  return [line(columns.map(([name]) => name)), line(columns.map(([, value]) => value))];
}
