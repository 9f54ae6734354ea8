/** The server of Node's own `net` module deviates as its file of known deviations says, and in nothing else. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseReport } from '../../src/conformance/report-lines.js';
import type { SuiteReport } from '../../src/conformance/suite.js';
import { Folder, type Transcript } from '../cli/transcript.js';

const folder = new Folder();

const README = readFileSync('examples/node-net/README.md', 'utf8');

/** With no times. */
const masked = (text: string): string => text.replaceAll(/at \d\.\d{6} s/g, 'at some time');

const JUDGED = ['campaign/listen-limits', 'campaign/listen-errors', 'campaign/accept-order', 'campaign/mixed'];

const conform = (kernel: string, ...options: string[]): Promise<Transcript> =>
  folder.run(
    ...['conform', '--kernel', kernel, ...options],
    ...['--', process.execPath, '--import', 'tsx', join('examples', 'node-net', 'server.ts')],
  );

const judged = ({ cases }: SuiteReport): string[] =>
  cases.filter(({ status }) => status !== 'skipped').map((one) => one.case);

it('deviates from Linux 4.15 as is known: its accept queue is never full', async () => {
  const { status, out, err } = await conform('4.15', '--deviations', 'examples/node-net/deviations.json', '--json');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const report = parseReport(out);
  expect(judged(report)).toEqual(JUDGED);
  const { cases, deviations, totals, unjudged, subject } = report;
  expect(subject).toMatchObject({ name: 'node:net', version: process.versions.node });
  expect(totals).toMatchObject({ failed: 0, undecided: 0 });
  const byName = new Map(cases.map((one) => [one.case, one]));
  expect(byName.get('campaign/accept-order')).toMatchObject({ status: 'deviates', undecided: 0 });
  expect(byName.get('campaign/accept-order')?.reason).toContain("Node's accept queue is never full");
  expect(byName.get('campaign/listen-errors')).toMatchObject({ status: 'passed', undecided: 0 });
  for (const { met } of deviations) expect(met).toBeGreaterThan(0);

  expect(byName.get('campaign/overflow')).toMatchObject({
    status: 'skipped',
    reason: 'needs segments: segments one by one',
  });
  const reasons = cases.filter(({ status }) => status === 'skipped').map(({ reason }) => reason);
  expect(reasons).toHaveLength(cases.length - JUDGED.length);
  for (const reason of reasons) expect(reason).toMatch(/^needs \w/);
  expect(unjudged.join('\n')).toMatch(/^not seen, as its level is "results": the segments that it sends/);
});

it('fails where that is not known, as its README shows, by the rule of an empty accept queue', async () => {
  const { status, out } = await conform('4.15', '--run', 'campaign/accept-order');
  expect(status).toBe(1);
  expect(out).toMatch(/^campaign\/accept-order fails: /);
  const scenario = /^ {6}1 {2}at [\s\S]*?^ {4}rule .*$/m.exec(README)?.[0] ?? '';
  expect(scenario.split('\n')).toHaveLength(12);
  expect(masked(out)).toContain(`\n${masked(scenario.replaceAll(/^ {2}/gm, ''))}\n`);
});

it('behaves like Linux 2.6.32 in what can be judged, where no client is turned away', async () => {
  const { status, out, err } = await conform('2.6.32', '--runs', '60', '--json');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const report = parseReport(out);
  expect(judged(report)).toEqual(JUDGED);
  expect(report.totals).toMatchObject({ passed: JUDGED.length, failed: 0, deviates: 0, undecided: 0 });
});
