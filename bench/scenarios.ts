/** How many scenarios a second the kit puts through a model: bare, as a subject in process, and behind the protocol; and what of a campaign is fast-check's. */

import * as fc from 'fast-check';
import { PROFILES } from '../properties/profiles/index.js';
import { modelSubject, runScenario, type Subject, startProcess } from '../src/conformance/index.js';
import type { KernelVariant } from '../src/host/variant.js';
import { judgeTrace } from '../src/judge/judge-trace.js';
import { playScenario, type Scenario } from '../src/run/scenario.js';

const PER_PROFILE = 30;
const ROUNDS = 5;

const profilesOf = (kernel: KernelVariant) => PROFILES.filter(({ kernels }) => kernels.includes(kernel.name));

async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] as number;

const through = (subject: Subject, kernel: KernelVariant, scenarios: readonly Scenario[]) => async () => {
  for (const scenario of scenarios) await runScenario(subject, kernel, scenario);
};

/** The same scenarios along three ways, in turn. */
export async function scenarioRates(kernel: KernelVariant): Promise<void> {
  const scenarios = profilesOf(kernel).flatMap((profile) =>
    fc.sample(profile.scenario(kernel), { numRuns: PER_PROFILE, seed: 1 }),
  );
  const example = ['--import', 'tsx', 'examples/typescript/model-subject.ts', kernel.name];
  const program = await startProcess(process.execPath, example, { kernel: kernel.name });
  try {
    const ways = [
      () => {
        for (const scenario of scenarios) playScenario(kernel, scenario);
      },
      through(modelSubject(kernel), kernel, scenarios),
      through(program, kernel, scenarios),
    ];
    for (const way of ways) await way();
    const rounds: number[][] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const times: number[] = [];
      for (const way of ways) times.push(await time(way));
      rounds.push(times);
    }
    const rate = (way: number): string =>
      Math.round((1000 * scenarios.length) / median(rounds.map((times) => times[way] as number))).toString();
    const ratio = (way: number): string =>
      median(rounds.map((times) => (times[way] as number) / (times[0] as number))).toFixed(1);
    console.log(
      `${kernel.name}: scenarios a second: ${rate(0)} on the bare model, ${rate(1)} as a subject in process (${ratio(1)} times the time), ` +
        `${rate(2)} through the protocol (${ratio(2)} times)`,
    );
  } finally {
    await program.stop();
  }
}

/** A campaign over all profiles, each trace judged, against the same without playing and judging. */
export async function fastCheckShare(kernel: KernelVariant): Promise<void> {
  const campaign = (predicate: (scenario: Scenario) => boolean) => () => {
    for (const profile of profilesOf(kernel)) {
      fc.assert(fc.property(profile.scenario(kernel), predicate), { seed: 1, numRuns: PER_PROFILE * 3 });
    }
  };
  const judged = campaign((scenario) => {
    const { header, steps } = playScenario(kernel, scenario);
    return judgeTrace(header, steps).verdict !== 'violates';
  });
  const idle = campaign(() => true);
  judged();
  idle();
  const shares: number[] = [];
  for (let i = 0; i < ROUNDS; i++) shares.push((await time(idle)) / (await time(judged)));
  console.log(
    `${kernel.name}: ${(100 * median(shares)).toFixed(0)} % of a campaign in process is fast-check's work and the generators'`,
  );
}
