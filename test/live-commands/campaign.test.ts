/** Campaigns on the running kernel, and on models in its place. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { live } from '../../src/cli/commands/live.js';
import type { LiveCommandOptions } from '../../src/cli/commands/live-options.js';
import { Output } from '../../src/cli/output.js';
import { casesFor } from '../../src/conformance/cases.js';
import { kernelNamed } from '../../src/kernels.js';
import { generated, type LiveResult } from '../../src/live/campaign.js';
import { kernelFor, thisKernel } from '../../src/live/kernel-of-release.js';
import { Folder, Paper } from '../cli/transcript.js';
import { liveIt } from '../support/live.js';
import { standIn } from './standin.js';

const folder = new Folder();

/** Runs the command with the model of `kernel` in the place of the running kernel. */
async function played(kernel: string, options: Partial<LiveCommandOptions>, stderr = new Paper()) {
  const out = new Paper();
  const all = { kernel: '4.15', jobs: 2, ...options };
  const status = await live(all, new Output(out, stderr), () => standIn(kernel));
  return { status, out: out.text, err: stderr.text };
}

function jsonLines(text: string): { readonly results: LiveResult[]; readonly summary: Record<string, unknown> } {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LiveResult & { summary?: Record<string, unknown> });
  return { results: lines.filter(({ summary }) => summary === undefined), summary: lines.at(-1)?.summary ?? {} };
}

describe('live', () => {
  it('finds nothing wrong with a model of the kernel that it is held against', async () => {
    const terminal = new Paper(true);
    const { status, out } = await played('4.15', { profile: ['overflow', 'handshake'], runs: 4 }, terminal);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^Linux .* against 4\.15: 8 scenarios: 8 conform, 0 violate, 0 undecided\n {2}\d+ steps, seed 20111220, /,
    );
    expect(terminal.text).toContain('recorded 1 of 8, about ');
  });

  it('makes the first failure of each profile smaller, saves it, and tells the command that plays it again', async () => {
    const save = join(folder.path, 'failures');
    const { status, out } = await played('2.6.32', { profile: ['overflow'], runs: 6, save, json: true });
    expect(status).toBe(1);
    const { results, summary } = jsonLines(out);
    expect(results).toHaveLength(6);
    expect(summary).toMatchObject({ kernel: '4.15', seed: 20_111_220, scenarios: 6 });
    const failed = results.filter(({ verdict }) => verdict === 'violates');
    const smallest = failed.find(({ again }) => again === true);
    const { failure } = smallest as LiveResult;
    expect(failure?.campaign?.shrinks).toBeGreaterThan(0);
    expect(failure?.trace.steps.length).toBeLessThanOrEqual(4);
    const index = smallest?.scenario.split('/')[2];
    expect(failure?.campaign?.path).toMatch(new RegExp(`^${index}:`));
    expect(failure?.replay).toBe(
      `tcp-backlog conform --kernel 4.15 --run campaign/overflow --seed 20111220 --path ${failure?.campaign?.path} -- tcp-backlog adapter --longest 20`,
    );
    for (const { scenario } of failed)
      expect(existsSync(join(save, `${scenario.replaceAll('/', '-')}.ndjson`))).toBe(true);
    const saved = readFileSync(join(save, `campaign-overflow-${index}.ndjson`), 'utf8')
      .trim()
      .split('\n');
    expect(saved).toHaveLength((failure?.trace.steps.length ?? 0) + 1);
    expect((await folder.run('replay', `failures/campaign-overflow-${index}.ndjson`)).status).toBe(1);
  });

  it('plays the scenarios that conform plays with the same seed', async () => {
    const kernel = kernelNamed('4.15');
    const one = casesFor(kernel as NonNullable<typeof kernel>).find(({ name }) => name === 'campaign/overflow');
    if (kernel === undefined || one?.kind !== 'campaign') throw new Error('no such campaign');
    const tried: unknown[] = [];
    const property = fc.asyncProperty(one.profile.scenario(kernel, one.limits), async (scenario) => {
      tried.push(scenario);
    });
    await fc.check(property, { seed: 5, numRuns: 20 });
    expect(generated(one, kernel, 5, 20)).toEqual(tried);
  });

  it('skips what the adapter cannot be put through, and says why', async () => {
    const program = join(folder.path, 'limited.mjs');
    folder.file('limited.mjs', [
      "import { spawn } from 'node:child_process';",
      "import { createInterface } from 'node:readline';",
      `const child = spawn(${JSON.stringify(standIn('4.15').command)}, ${JSON.stringify(standIn('4.15').args)});`,
      'process.stdin.pipe(child.stdin);',
      "createInterface({ input: child.stdout }).on('line', (line) => {",
      '  const answer = JSON.parse(line);',
      "  if (answer.capabilities) answer.capabilities.features = answer.capabilities.features.filter((one) => one !== 'faults');",
      '  console.log(JSON.stringify(answer));',
      '});',
    ]);
    const [out, err] = [new Paper(), new Paper()];
    const options = { kernel: '4.15', jobs: 1, profile: ['faults', 'handshake'], runs: 1 };
    const status = await live(options, new Output(out, err), () => ({ command: process.execPath, args: [program] }));
    expect(status).toBe(0);
    expect(out.text).toContain(': 1 scenarios: 1 conform, 0 violate, 0 undecided, 1 skipped\n');
    expect(out.text).toContain('  skipped:\n    1: needs faults: functions that are made to fail\n');
  });

  it('does not take an adapter that fails for a verdict', async () => {
    const [out, err] = [new Paper(), new Paper()];
    const options = { kernel: '4.15', jobs: 1, profile: ['handshake'], runs: 1 };
    const broken = { command: process.execPath, args: ['-e', 'process.exit(4)'] };
    expect(await live(options, new Output(out, err), () => broken)).toBe(3);
    expect(err.text).toBe('tcp-backlog: the subject ended with status 4 before it answered request 1 (hello)\n');
    expect(out.text).toBe('');
  });

  it.each([
    [{ profile: ['nonsense'] }, /^no such profile: nonsense \(there are listen-limits, /],
    [{ markdown: 'x.md' }, '--markdown needs --compare'],
    [{ compare: ['2.6.32', '4.15'], golden: true }, '--golden does not go together with --compare'],
    [{ compare: ['2.6.32', '4.15'], runs: 3 }, '--runs does not go together with --compare'],
    [{ compare: ['2.6.32', '9.9'] }, 'no such kernel: "9.9"'],
  ])('refuses %j', async (options, message) => {
    await expect(played('4.15', options)).rejects.toThrow(message);
  });
});

describe('live, on the running kernel', () => {
  liveIt('generated scenarios of the listen path conform to the model that fits its release', async () => {
    const { status, out, err } = await folder.run(
      ...['live', '--json', '--jobs', '6', '--longest', '2', '--runs', '5', '--seed', '1'],
      ...['accept-order', 'overflow', 'abort-on-overflow', 'syn-flood'].flatMap((profile) => ['--profile', profile]),
    );
    expect(err).toBe('');
    const { results, summary } = jsonLines(out);
    expect(results.filter(({ verdict }) => verdict !== 'conforms')).toEqual([]);
    expect(summary).toMatchObject({ kernel: kernelFor(thisKernel()).name, running: thisKernel(), scenarios: 20 });
    expect(status).toBe(0);
  });
});
