import { describe, expect, it } from 'vitest';
import { addressOf, changed, draftOf, START, scenarioOf, type View, viewOf } from '../../site/src/address.js';
import { entered, type Field, GROUPS, KERNELS, shown } from '../../site/src/fields.js';
import { SCENARIOS } from '../../site/src/scenarios.js';
import { kernelNamed, KERNELS as MODELS } from '../../src/kernels.js';
import { workloadProblem } from '../../src/simulate/workload.js';

const field = (label: string): Field => {
  const found = GROUPS.flatMap(({ fields }) => fields).find((one) => one.label === label);
  if (found === undefined) throw new Error(`no field ${label}`);
  return found;
};

it('knows the kernels by name', () => {
  expect(KERNELS).toEqual(MODELS.map(({ name }) => name));
});

describe('an address', () => {
  it.each(SCENARIOS.map((one) => [one.name, one] as const))(
    'brings back the scenario %s',
    (_, { kernels, workload }) => {
      const view: View = {
        ...START,
        kernels,
        workload: draftOf(workload),
        at: 1234.5,
        window: [10, 20_000],
        speed: 0.1,
      };
      expect(viewOf(addressOf(view))).toEqual(view);
    },
  );

  it('brings back a trace', () => {
    const trace = { name: 'a b+c&d.ndjson', packed: 'x-_y', kernel: '4.15', report: 3, step: 0 };
    const view: View = { ...START, trace };
    expect(viewOf(addressOf(view))).toEqual(view);
  });

  it('is the first scenario where it is empty', () => {
    expect(viewOf('')).toBe(START);
  });

  it('can be read by people', () => {
    const workload = draftOf(SCENARIOS[3]?.workload ?? SCENARIOS[0].workload);
    expect(addressOf({ ...START, workload })).toContain(
      'title=listen(fd,+0)&sysctl/net.ipv4.tcp_syncookies=0&backlog=0&',
    );
  });

  it('hands what it says of a workload to those who know what is wrong with it', () => {
    const { workload } = viewOf('workload=1&backlog=x&clients/arrivals/kind=burst&clients/arrivals/count=1');
    expect(workloadProblem(workload)).toEqual({ path: '$.backlog', message: 'expected an integer, got "x"' });
    const odd = viewOf(
      'workload=1&backlog=1&clients/arrivals/kind=burst&clients/arrivals/count=1&__proto__/x=1',
    ).workload;
    expect(workloadProblem(odd)).toEqual({ path: '$["__proto__"]', message: 'unknown field' });
    expect(Object.getPrototypeOf(odd)).toBe(Object.prototype);
  });
});

describe('the scenarios', () => {
  it.each(SCENARIOS.map((one) => [one.name, one] as const))(
    '%s can be run on its kernels',
    (_, { kernels, workload }) => {
      expect(workloadProblem(draftOf(workload))).toBeUndefined();
      for (const name of kernels) expect(kernelNamed(name)?.name).toBe(name);
      expect(scenarioOf(draftOf(workload))?.workload).toBe(workload);
    },
  );
});

describe('a control', () => {
  const draft = draftOf(SCENARIOS[0].workload);

  it('shows and changes a value in its own unit', () => {
    const roundTrip = field('round trip');
    expect(shown(roundTrip, draft)).toBe('0.05');
    const slower = entered(roundTrip, draft, ' 1.5 ');
    expect(slower).toEqual(changed(draft, ['clients', 'roundTrip'], 1500));
    expect(entered(field('flood'), draft, '7')).toEqual(changed(draft, ['clients', 'flood'], 0.07));
  });

  it('takes a value away, and what would be empty without it', () => {
    const { server: _, ...rest } = draft;
    expect(entered(field('pauses'), draft, '')).toEqual(rest);
  });

  it('reads stretches of time', () => {
    const pauses = field('pauses');
    const paused = entered(pauses, draft, '1-2.5, 3-');
    expect(paused['server']).toEqual({ pauses: [{ from: 1_000_000, to: 2_500_000 }, { from: 3_000_000 }] });
    expect(shown(pauses, paused)).toBe('1-2.5, 3-');
    const restarted = entered(field('restarts'), draft, '1.5+0.1');
    expect(workloadProblem(restarted)).toBeUndefined();
  });

  it('leaves what it cannot read to those who say what is wrong with it', () => {
    expect(workloadProblem(entered(field('pauses'), draft, '1 to 2'))?.path).toBe('$.server.pauses');
    expect(workloadProblem(entered(field('backlog'), draft, 'many'))).toEqual({
      path: '$.backlog',
      message: 'expected an integer, got "many"',
    });
  });

  it('changes to another kind of arrivals without leaving anything that it has no use for', () => {
    for (const kind of ['burst', 'poisson', 'constant']) {
      expect(workloadProblem(entered(field('arrive'), draft, kind))).toBeUndefined();
    }
  });
});
