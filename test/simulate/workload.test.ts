/** What is a workload and what is not. */

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../src/simulate/arrivals.js';
import { Chance } from '../../src/simulate/chance.js';
import { Line, SYN } from '../../src/simulate/line.js';
import { expectedArrivals } from '../../src/simulate/plan.js';
import { Timers } from '../../src/simulate/timers.js';
import { workloadProblem } from '../../src/simulate/workload.js';

const good = {
  workload: 1,
  backlog: 5,
  clients: { arrivals: { kind: 'poisson', rate: 10, count: 10 } },
};

const withArrivals = (arrivals: object) => ({ ...good, clients: { arrivals } });
const withServer = (server: object) => ({ ...good, server });

const told = (value: unknown): string => {
  const problem = workloadProblem(value);
  return problem === undefined ? 'none' : `${problem.path}: ${problem.message}`;
};

describe('a workload', () => {
  it('needs a backlog and clients, and no more', () => {
    expect(told(good)).toBe('none');
    expect(told({ workload: 1, clients: good.clients })).toBe('$.backlog: missing');
    expect(told({ workload: 1, backlog: 1 })).toBe('$.clients: missing');
    expect(told([])).toBe('$: expected an object, got an array');
  });

  it.each([
    ['an unknown field', { ...good, backlogs: 1 }, '$.backlogs: unknown field'],
    ['another version', { ...good, workload: 2 }, '$.workload: expected 1, got 2'],
    ['no rate', withArrivals({ kind: 'poisson', count: 1 }), '$.clients.arrivals.rate: missing'],
    [
      'no end',
      withArrivals({ kind: 'constant', rate: 1 }),
      '$.clients.arrivals.count: missing: a count or a duration has to end it',
    ],
    [
      'too many',
      withArrivals({ kind: 'constant', rate: 1e6, duration: 1e8 }),
      '$.clients.arrivals.rate: more than 10000000 clients',
    ],
    [
      'a rate of bursts',
      withArrivals({ kind: 'burst', rate: 1, count: 1 }),
      '$.clients.arrivals.rate: a burst has a size and a distance (every), not a rate',
    ],
    [
      'a burst of nobody knows how many',
      withArrivals({ kind: 'burst', duration: 1 }),
      '$.clients.arrivals.count: missing',
    ],
    [
      'bursts without a distance',
      withArrivals({ kind: 'burst', count: 10, size: 2 }),
      '$.clients.arrivals.every: missing: when does the next burst come?',
    ],
    [
      'a size of a stream',
      withArrivals({ kind: 'constant', rate: 1, count: 1, size: 2 }),
      '$.clients.arrivals.size: only bursts have it, not constant arrivals',
    ],
    [
      'workers that are never free',
      withServer({ workers: 2 }),
      '$.server.service: missing: how long is a worker busy with a connection?',
    ],
    [
      'pauses out of order',
      withServer({ pauses: [{ from: 5, to: 9 }, { from: 7 }] }),
      '$.server.pauses[1].from: before the end of the pause before (9)',
    ],
    [
      'a pause that ends before it begins',
      withServer({ pauses: [{ from: 5, to: 5 }] }),
      '$.server.pauses[0].to: not after its begin (5)',
    ],
    [
      'restarts out of order',
      withServer({
        restarts: [
          { at: 5, down: 5 },
          { at: 10, down: 1 },
        ],
      }),
      '$.server.restarts[1].at: before the end of the restart before (11)',
    ],
  ])('is refused with %s', (_, value, message) => {
    expect(told(value)).toBe(message);
  });

  it('is what the JSON Schema says, by another validator', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    for (const name of readdirSync('spec/schema'))
      ajv.addSchema(JSON.parse(readFileSync(`spec/schema/${name}`, 'utf8')));
    const validate = ajv.getSchema('workload.schema.json');
    for (const name of readdirSync('examples/workloads')) {
      expect(validate?.(JSON.parse(readFileSync(`examples/workloads/${name}`, 'utf8'))), name).toBe(true);
    }
    expect(validate?.({ ...good, backlog: '5' })).toBe(false);
  });
});

describe('arrivals', () => {
  const times = (settings: ConstructorParameters<typeof Arrivals>[0], most = 10_000): number[] => {
    const arrivals = new Arrivals(settings, new Chance(1, 1));
    const all: number[] = [];
    for (; arrivals.at !== Number.POSITIVE_INFINITY && all.length < most; arrivals.next()) all.push(arrivals.at);
    return all;
  };

  it('are at equal distances', () => {
    expect(times({ kind: 'constant', rate: 3, duration: 1_000_000 })).toEqual([0, 333_333, 666_666]);
  });

  it('come in bursts', () => {
    expect(times({ kind: 'burst', size: 2, every: 10, count: 5 })).toEqual([0, 0, 10, 10, 20]);
    expect(times({ kind: 'burst', size: 2, every: 10, duration: 15 })).toEqual([0, 0, 10, 10]);
    expect(expectedArrivals({ kind: 'burst', size: 2, every: 10, duration: 15 })).toBe(4);
    expect(times({ kind: 'burst', count: 3 })).toEqual([0, 0, 0]);
  });

  it('come independently of each other, as often as the rate says', () => {
    const all = times({ kind: 'poisson', rate: 1000, duration: 10_000_000 }, 20_000);
    expect(all.length).toBeGreaterThan(9700);
    expect(all.length).toBeLessThan(10_300);
    const gaps = all.slice(1).map((at, i) => at - (all[i] as number));
    // Of exponential gaps a share of 1/e is longer than their mean.
    expect(gaps.filter((gap) => gap > 1000).length / gaps.length).toBeCloseTo(Math.exp(-1), 1);
    expect(times({ kind: 'poisson', rate: 1000, duration: 10_000_000 }, 20_000)).toEqual(all);
  });
});

describe('timers', () => {
  it('run out in order of time, and then in the order in which they were armed', () => {
    const timers = new Timers();
    const chance = new Chance(7, 1);
    const armed = Array.from({ length: 5000 }, (_, owner) => ({ at: Math.floor(chance.fraction() * 50), owner }));
    for (const { at, owner } of armed) timers.add(at, 3, owner);
    timers.add(Number.POSITIVE_INFINITY, 3, 0);
    const taken: { at: number; owner: number }[] = [];
    while (timers.at !== Number.POSITIVE_INFINITY) {
      const { at } = timers;
      timers.take();
      taken.push({ at, owner: timers.owner });
    }
    expect(taken).toEqual(armed.toSorted((a, b) => a.at - b.at || a.owner - b.owner));
  });
});

describe('a line', () => {
  it('keeps segments in order, however many', () => {
    const line = new Line();
    let [sent, taken] = [0, 0];
    const take = (): void => {
      expect(line.at).toBe(taken);
      line.take();
      expect([line.peer, line.flags, line.seq, line.ack, line.len]).toEqual([
        taken,
        SYN,
        2 ** 32 - 1 - taken,
        taken,
        taken % 1460,
      ]);
      taken += 1;
    };
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 300; i++, sent++) line.send(sent, sent, SYN, 2 ** 32 - 1 - sent, sent, sent % 1460);
      for (let i = 0; i < 100; i++) take();
    }
    while (line.at !== Number.POSITIVE_INFINITY) take();
    expect(taken).toBe(sent);
  });
});
