/** Which recordings a neighbouring kernel could not have made. That the index tells this truly is checked by `npm run matrix -- --check`, which judges them all. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NEIGHBOURS } from '../../properties/kernels.js';
import type { Step } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { playScenario } from '../../src/run/scenario.js';
import { type GoldenTrace, goldenTraces } from '../support/recordings.js';

/**
 * What a step shows of how the kernel behaves, without anything that could differ between two recordings on one kernel: times, and
 * delayed ACKs, which leave in this step or in the next one, as the jiffies fall.
 */
function behaviour({ result, accepted, setupErrors, out, observed }: Step): unknown {
  const segments = out
    .map(({ peer, flags, len }) => `${peer} ${flags.join('+')} ${len}`)
    .filter((one) => !/ ACK /.test(one));
  const counters = Object.entries(observed.counters).filter(([name]) => name !== 'DelayedACKs' && name !== 'OutSegs');
  const rows = (observed.sockets ?? []).map(({ peer, state, accepted: owned }) => `${peer} ${state} ${owned}`);
  return [result, accepted, setupErrors, segments.sort(), observed.listener, counters.sort(), rows.sort()];
}

const differ = (a: GoldenTrace, b: GoldenTrace): boolean =>
  JSON.stringify([a.header.sysctlErrors, a.steps.map(behaviour)]) !==
  JSON.stringify([b.header.sysctlErrors, b.steps.map(behaviour)]);

interface Index {
  readonly files: readonly {
    readonly file: string;
    readonly traces: readonly { readonly line: number; readonly rejectedBy?: readonly string[] }[];
  }[];
}

const index = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../fixtures/index.json'), 'utf8')) as Index;

const REJECTED_BY = new Map(
  index.files.flatMap(({ file, traces }) =>
    traces.map(({ line, rejectedBy = [] }) => [`${file}:${line}`, rejectedBy] as const),
  ),
);

const rejects = ({ name }: KernelVariant, { file, line }: GoldenTrace): boolean =>
  REJECTED_BY.get(`${file}:${line}`)?.includes(name) === true;

const idOf = ({ header }: GoldenTrace): string => header.id;

const [first, ...later] = NEIGHBOURS as [(typeof NEIGHBOURS)[number], ...(typeof NEIGHBOURS)[number][]];

describe(`the recordings of ${first[0].name} and ${first[1].name}`, () => {
  const newer = new Map(goldenTraces(`linux-${first[1].name}`).map((trace) => [trace.header.id, trace]));
  const pairs = goldenTraces(`linux-${first[0].name}`).map((older) => [older, newer.get(idOf(older))] as const);
  const different = pairs.flatMap(([a, b]) => (b !== undefined && differ(a, b) ? [[a, b] as const] : []));

  it.each([
    [0, 1],
    [1, 0],
  ] as const)('are rejected by the other kernel wherever they differ', (own, other) => {
    const [from, by] = [first[own], first[other]];
    const believed = different.map((pair) => pair[own]).filter((trace) => !rejects(by, trace));
    process.stdout.write(
      `${different.length - believed.length} of ${pairs.length} recordings of ${from.name} are rejected by ${by.name}; ${pairs.length - different.length} show no difference\n`,
    );
    expect(believed.map(idOf)).toEqual([]);
    expect(different.length).toBeGreaterThan(1000);
  });
});

/** What a step of a model shows, numbers and times apart: nothing else is left to chance where the seed is the same. */
function everything({ result, accepted, setupErrors, out, observed }: Step): unknown {
  const segments = out.map(({ peer, flags, len }) => [peer, flags, len]);
  return [result, accepted, setupErrors, segments, observed.listener, observed.counters, observed.sockets];
}

/** Whether two kernels do the same in a recorded scenario, at its HZ and with the same chance. */
function playAlike([a, b]: readonly [KernelVariant, KernelVariant], { header, steps }: GoldenTrace, seed: number) {
  const { sysctl, sockopt, kernel } = header;
  const scenario = { sysctl, sockopt, events: steps.map(({ event }) => event) };
  const done = [a, b].map((variant) => {
    const { header, steps } = playScenario(variant, scenario, { hz: kernel.hz, seed });
    return JSON.stringify([header.sysctlErrors, steps.map(everything)]);
  });
  return done[0] === done[1];
}

/** How many recordings a neighbour rejects at least. */
const LEAST: Readonly<Record<string, number>> = { '4.15 5.10': 400, '5.10 6.1': 20, '6.1 6.12': 10, '6.12 7.2': 90 };

describe('the recordings of later kernels', () => {
  it.each(
    later
      .flatMap(([older, newer]) => [[older, newer] as const, [newer, older] as const])
      .map((pair) => [pair[0].name, pair[1].name, ...pair] as const),
  )(
    'of %s are rejected by %s where the two models differ, and nowhere else',
    (_, __, own, other) => {
      const recorded = goldenTraces(`linux-${own.name}`);
      const rejected = recorded.filter((trace) => rejects(other, trace));
      process.stdout.write(
        `${rejected.length} of ${recorded.length} recordings of ${own.name} are rejected by ${other.name}\n`,
      );
      const believed = recorded.filter((trace) => !rejected.includes(trace));
      expect(believed.filter((trace) => !playAlike([own, other], trace, 0)).map(idOf)).toEqual([]);
      // What is rejected may show only in some of the ways that chance leaves.
      const unlike = (trace: GoldenTrace): boolean =>
        [0, 1, 2, 3].some((seed) => !playAlike([own, other], trace, seed));
      expect(rejected.filter((trace) => !unlike(trace)).map(idOf)).toEqual([]);
      expect(rejected.length).toBeGreaterThan(
        LEAST[`${own.name} ${other.name}`] ?? LEAST[`${other.name} ${own.name}`] ?? 0,
      );
    },
    120_000,
  );
});
