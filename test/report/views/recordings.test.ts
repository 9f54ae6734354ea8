/** What the views show of the judged machine is what was recorded of the real one. */

import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SocketRow, Step } from '../../../src/generated/types.js';
import type { CounterName } from '../../../src/host/counters.js';
import type { Host } from '../../../src/host/host.js';
import type { Hypothesis } from '../../../src/judge/hypothesis.js';
import { TraceJudge } from '../../../src/judge/judge.js';
import { kernelNamed } from '../../../src/kernels.js';
import type { Moment } from '../../../src/report/views/moment.js';
import { netstat } from '../../../src/report/views/netstat.js';
import { snmp } from '../../../src/report/views/snmp.js';
import { ssListening, ssSynRecv } from '../../../src/report/views/ss.js';
import { tcp } from '../../../src/report/views/tcp.js';
import { type GoldenTrace, goldenTraces } from '../../support/recordings.js';
import { type ParsedRow, parseCounters, parseSsListening, parseTcp } from './parse.js';

/** What is in the `Tcp` row without being a counter of events: recordings leave it out. */
const SETTINGS = ['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn', 'CurrEstab'];

const inOrder = (rows: readonly string[]): string[] => [...rows].sort();

function shownCounters(moment: Moment): Record<string, number> {
  const counters = { ...parseCounters(snmp(moment)), ...parseCounters(netstat(moment)) };
  for (const name of SETTINGS) delete counters[name];
  return counters;
}

/** What the views tell of a step, in the words of a trace. */
function shownStep(moment: Moment): object {
  const rows = parseTcp(tcp(moment));
  const peers = rows.filter(({ peer }) => peer !== undefined);
  return {
    counters: shownCounters(moment),
    listener: rows.filter(({ peer }) => peer === undefined).map(({ state, rxQueue }) => [state, rxQueue]),
    ss: parseSsListening(ssListening(moment)),
    rows: inOrder(peers.map(row)),
    synRecv: ssSynRecv(moment).length - 1,
  };
}

/** The same, as it was recorded. */
function recordedStep({ listener, sockets = [] }: Step['observed'], total: Readonly<Record<string, number>>): object {
  const listening = listener?.state === 'LISTEN' ? listener : undefined;
  return {
    counters: total,
    listener: listening === undefined ? [] : [['LISTEN', listening.acceptQueue]],
    ss: listening && { recvQ: listening.acceptQueue, sendQ: listening.maxAcceptQueue },
    rows: inOrder(sockets.map(row)),
    synRecv: sockets.filter(({ state }) => state === 'SYN_RECV').length,
  };
}

/** The machine with its counters as they were when they were read: a timer may have fired since. */
function asRead({ host, read }: Hypothesis): Host {
  const torn = Object.entries(host.counters).some(([name, value]) => value !== (read[name as CounterName] ?? 0));
  return torn ? Object.assign(Object.create(Object.getPrototypeOf(host)), host, { counters: read }) : host;
}

/** Judges a trace and looks at the machine after each step. Returns how many steps it looked at. */
function look(
  { file, line: first, header, steps }: GoldenTrace,
  leftSettings: Readonly<Record<string, number>>,
): number {
  const variant = kernelNamed(header.kernel.variant);
  if (variant === undefined) throw new Error(header.kernel.variant);
  const judge = new TraceJudge(variant, header, first, { leftSettings });
  const total: Record<string, number> = {};
  let seen = 0;
  judge.onStep = (line, _, [hypothesis]) => {
    const { observed } = steps[line - first - 1] as Step;
    for (const [name, by] of Object.entries(observed.counters)) total[name] = (total[name] ?? 0) + by;
    // Counters add up, and rows stay: of the many random traces a third of the steps is enough.
    const isChosen = file.includes('named') || line % 3 === 0 || line === first + steps.length;
    if (hypothesis === undefined || observed.sockets === undefined || !isChosen) return;
    seen += 1;
    const shown = shownStep({ variant, host: asRead(hypothesis), at: observed.until, log: [] });
    const recorded = recordedStep(observed, total);
    // Comparing them so first saves most of the time.
    if (!isDeepStrictEqual(shown, recorded)) expect(shown, `${file}:${line}`).toEqual(recorded);
  };
  for (const [i, step] of steps.entries()) judge.step(step, first + 1 + i);
  expect(judge.end().verdict, `${file}:${first}`).toBe('conforms');
  return seen;
}

const row = ({ peer, state, retransmits, accepted }: ParsedRow | SocketRow): string =>
  `${peer} ${state} ${retransmits} ${accepted}`;

/** Folders, the files that are looked at, and how many steps at least: the later kernels have much in common. */
const LOOKED_AT: readonly [folder: string, files: 'named' | undefined, steps: number][] = [
  ['linux-2.6.32', undefined, 10_000],
  ['linux-2.6.32.69', undefined, 7_000],
  ['linux-4.15', undefined, 10_000],
  ['linux-5.10', 'named', 2_000],
  ['linux-6.1', 'named', 2_000],
  ['linux-6.12', 'named', 2_000],
  ['linux-7.2', 'named', 2_000],
];

describe.each(LOOKED_AT)('the views of the recordings in fixtures/%s', (folder, files, steps) => {
  it('show the recorded counters, rows and queues after each step', () => {
    let seen = 0;
    let [file, left]: [string, Record<string, number>] = ['', {}];
    for (const trace of goldenTraces(folder, files)) {
      if (trace.file !== file) [file, left] = [trace.file, {}];
      seen += look(trace, left);
      // The recordings of 2.6.32.69 share a machine, so a setting that one could not change is that of an earlier one.
      const { sysctl, sysctlErrors = {} } = trace.header;
      for (const [name, value] of Object.entries(sysctl)) if (sysctlErrors[name] === undefined) left[name] = value;
    }
    expect(seen).toBeGreaterThan(steps);
  });
});
