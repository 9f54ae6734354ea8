import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { mergeReports, modelSubject, runSuite, type SuiteReport } from '../../src/conformance/index.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { conformanceMarkdown } from '../../src/report/conformance-markdown.js';
import { caseInWords, summaryInWords } from '../../src/report/conformance-words.js';
import { junit } from '../../src/report/junit.js';
import { newestFirst } from '../conformance/subjects.js';

const STALE = {
  case: 'golden/listen-clamp-*',
  reason: 'Its <limit> is "odd" & | large.',
  link: 'https://example.org/2',
};
const KNOWN = { case: 'golden/b3-last-*', reason: 'A stack.', link: 'https://example.org/1' };

let report: SuiteReport;
beforeAll(async () => {
  const features = modelSubject(linux_4_15).capabilities.features.filter((one) => one !== 'faults');
  report = await runSuite(modelSubject(newestFirst, { capabilities: { features } }), {
    kernel: linux_4_15,
    run: ['campaign/accept-order', 'campaign/faults', 'golden/b3-last-*', 'golden/listen-clamp-*'],
    deviations: [KNOWN, STALE],
    command: './stack --quiet',
  });
});

/** The elements of an XML document, as Python's parser finds them. */
function elements(xml: string): { tag: string; attributes: Record<string, string>; text: string }[] {
  const program = `import sys, json, xml.etree.ElementTree as E
print(json.dumps([{'tag': e.tag, 'attributes': e.attrib, 'text': e.text or ''} for e in E.fromstring(sys.stdin.buffer.read()).iter()]))`;
  return JSON.parse(execFileSync('python3', ['-c', program], { input: xml, encoding: 'utf8' }));
}

describe('in words', () => {
  it('a failure tells the scenario, what is not allowed, the rule, and how to see it again', () => {
    const failed = report.cases.find(({ status }) => status === 'failed');
    if (failed === undefined) throw new Error('nothing failed');
    const text = caseInWords(failed, '4.15').join('\n');
    expect(text).toMatch(/^campaign\/accept-order fails: Handshakes that are completed in another order/);
    expect(text).toMatch(/^ +1 {2}at 0\.000000 s {2}listen\(fd, \d+\): returns 0$/m);
    expect(text).toMatch(/^ {2}step (\d+) of \1: accepted: expected \d+, observed \d+$/m);
    expect(text).toMatch(
      /rule inet_csk_accept\/oldest-first: accept\(2\) returns the connection that has waited longest\./,
    );
    expect(text).toMatch(/replay: tcp-backlog conform .* --path [\d:]+ -- \.\/stack --quiet$/);
  });

  it('a known deviation tells its reason, and what passed needs no words', () => {
    const deviating = report.cases.filter(({ status }) => status === 'deviates');
    expect(deviating.flatMap((one) => caseInWords(one, '4.15'))).toEqual([
      'golden/b3-last-ack-overflows deviates as is known: A stack. (https://example.org/1)',
    ]);
    const quiet = report.cases.filter(({ status }) => status === 'passed' || status === 'skipped');
    expect(quiet.length).toBeGreaterThan(2);
    expect(quiet.flatMap((one) => caseInWords(one, '4.15'))).toEqual([]);
  });

  it('the summary tells what is stale and what was left unjudged', () => {
    const text = summaryInWords(report).join('\n');
    expect(text).toMatch(/^model of 4\.15 4\.15\.11 against 4\.15: \d+ passed, 1 failed, 1 deviates, 1 skipped$/m);
    expect(text).toContain('the known deviation of case golden/listen-clamp-* was not met in');
    expect(text).toMatch(/left unjudged:\n {4}not supported: faults \(functions that are made to fail\)/);
    expect(text).toMatch(/never, needs faults: functions that are made to fail: .*no-memory/);
    expect(text).toMatch(/^ {4}not reached in this run: /m);
    expect(text).toMatch(/^ {4}never, no scenario reaches it: .*tcp_check_req\/old-timestamp/m);
    expect(text).toContain(`\n    1 of ${report.cases.length} cases, skipped for want of what they need\n`);
    expect(text).toMatch(/ {2}not as the specification has it$/);
  });
});

describe('JUnit', () => {
  it('is well-formed, with a test for each case under its own name', () => {
    const found = elements(junit(report));
    const suite = found.find(({ tag }) => tag === 'testsuite')?.attributes;
    const cases = found.filter(({ tag }) => tag === 'testcase');
    expect(suite).toMatchObject({ name: '4.15', tests: String(report.cases.length + 2), failures: '2', errors: '0' });
    expect(cases.map(({ attributes }) => `${attributes['classname']}/${attributes['name']}`)).toEqual([
      ...report.cases.map((one) => one.case),
      'kit/the subject holds out',
      'kit/known deviations',
    ]);
    const failures = found.filter(({ tag }) => tag === 'failure');
    expect(failures[0]?.attributes['message']).toMatch(/^step \d+ of \d+: accepted: expected \d+, observed \d+$/);
    expect(failures[0]?.text).toContain('"origin":"subject"');
    expect(failures[1]?.text).toContain('Its <limit> is "odd" & | large.');
    expect(found.filter(({ tag }) => tag === 'skipped').map(({ attributes }) => attributes['message'])).toEqual([
      'needs faults: functions that are made to fail',
    ]);
  });

  it('survives whatever a subject says', () => {
    const broken = 'it said \u0000\u001b[31m<&>"\ud800\uffff]]> and died';
    const found = elements(junit({ ...report, broken }));
    const text = 'it said \ufffd\ufffd[31m<&>"\ufffd\ufffd]]> and died';
    expect(found.find(({ tag }) => tag === 'error')).toMatchObject({ attributes: { message: text }, text });
    expect(found.find(({ tag }) => tag === 'testsuite')?.attributes['errors']).toBe('1');
  });
});

describe('Markdown', () => {
  it('has a table of totals and one of what is not as expected', () => {
    const lines = conformanceMarkdown(report).split('\n');
    expect(lines[0]).toBe('### ❌ model of 4.15 4.15.11 against Linux 4.15');
    expect(lines).toContain('| campaign | 0 | 1 | 0 | 0 | 1 |');
    const row = lines.find((line) => line.startsWith('| campaign/accept-order'));
    expect(row).toMatch(
      /^\| campaign\/accept-order \| failed \| `inet_csk_accept\/oldest-first` \| \d+ \| accepted: \d+ expected, \d+ observed \|$/,
    );
    expect(lines.find((line) => line.includes('was not met'))).toContain('Its \\<limit\\> is "odd" & \\| large.');
    expect(lines).toContain('**Left unjudged**');
    for (const line of lines.filter((one) => one.startsWith('|'))) {
      expect(line.replaceAll('\\|', '').split('|').length).toBe(7 + (line.split('|').length === 8 ? 1 : 0));
    }
  });

  it('says that all is well when it is', async () => {
    const well = await runSuite(modelSubject(linux_4_15), { kernel: linux_4_15, run: ['golden/b3-*'] });
    expect(conformanceMarkdown(mergeReports([well]))).toMatch(/^### ✅ /);
    expect(summaryInWords(well).at(-1)).toBe('  as the specification has it, as far as it was judged');
  });
});
