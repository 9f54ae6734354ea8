/** Each answer in docs/answers.md is one of the five that there are, names rules that exist, and is borne out by what its commands print. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { runCommand } from '../../src/cli/program.js';
import { rules } from '../../src/index.js';
import { Paper } from '../cli/transcript.js';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/answers.md'), 'utf8');

const ANSWERS = ['right', 'right for 2.6.32 only', 'right for 4.15 only', 'wrong', 'cannot tell'];

/** A row of a table: a claim and what becomes of it. */
interface Row {
  readonly anchor: string;
  readonly number: string;
  readonly claim: string;
  readonly answer: string;
  readonly why: string;
  readonly shownBy: string;
}

/** What a cell says is seen: in the output of a command, or in a test. */
interface Shown {
  readonly command: string;
  readonly seen: readonly string[];
  readonly unseen: readonly string[];
}

const lines = DOCUMENT.split('\n').filter((line) => line.startsWith('| <a id='));

const rows = lines.map((line): Row => {
  const [first = '', claim = '', answer = '', why = '', shownBy = '', ...rest] = line.slice(2, -2).split(' | ');
  if (rest.length > 0) throw new Error(`too many cells: ${line}`);
  const [, anchor = '', number = ''] = /^<a id="([^"]+)"><\/a>(.+)$/.exec(first) ?? [];
  return { anchor, number, claim, answer: answer.replaceAll('**', ''), why, shownBy };
});

const snippetsIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, snippet = '']) => snippet);

/** A cell is commands and tests, one after the other; anything else in it is a mistake. */
function shownIn({ shownBy, number }: Row): Shown[] {
  return shownBy.split('<br>').flatMap((part) => {
    if (part === '') return [];
    const [, command = '', seen = '', unseen = ''] =
      /^`([^`]+)` → ((?:`[^`]+`(?:, )?)+?)(?:, but not ((?:`[^`]+`(?:, )?)+))?$/.exec(part) ?? [];
    if (command === '') throw new Error(`${number}: neither a command nor a test: ${part}`);
    return [{ command, seen: snippetsIn(seen), unseen: snippetsIn(unseen) }];
  });
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

const printed = new Map<string, Promise<string>>();

/** What a command prints, as one line, if it ends well. */
function outputOf(command: string): Promise<string> {
  const known = printed.get(command) ?? run(command);
  printed.set(command, known);
  return known;
}

async function run(command: string): Promise<string> {
  const [npx, name, ...args] = command.split(' ');
  expect([npx, name]).toEqual(['npx', 'tcp-backlog']);
  const [stdout, stderr] = [new Paper(), new Paper()];
  const status = await runCommand(args, new Output(stdout, stderr));
  expect({ command, status, stderr: stderr.text }).toEqual({ command, status: 0, stderr: '' });
  return oneLine(stdout.text);
}

/** The text that has to show what a cell says. */
const evidence = ({ command }: Shown): Promise<string> | string =>
  command.startsWith('test/') ? oneLine(readFileSync(join(ROOT, command), 'utf8')) : outputOf(command);

describe('docs/answers.md', () => {
  it('numbers its claims through, document by document', () => {
    const documents = DOCUMENT.match(/^## \d+\. /gm) ?? [];
    expect(documents).toEqual([1, 2, 3, 4, 5].map((n) => `## ${n}. `));
    const counts = new Map<string, number>();
    const expected = rows.map(({ number }) => {
      const [chapter = ''] = number.split('.');
      counts.set(chapter, (counts.get(chapter) ?? 0) + 1);
      return `${chapter}.${counts.get(chapter)}`;
    });
    expect(rows.map(({ number }) => number)).toEqual(expected);
    expect(rows.map(({ anchor }) => anchor)).toEqual(expected.map((number) => number.replace('.', '-')));
    expect([...counts.keys()]).toEqual(['1', '2', '3', '4', '5']);
    expect(DOCUMENT.match(/^\| (?!<a id=|\| claim)/gm)).toBeNull();
  });

  it('links to claims that are there, by their numbers', () => {
    const links = [...DOCUMENT.matchAll(/\[([^\]]+)\]\(#([^)]+)\)/g)].map(([, text, anchor]) => [text, anchor]);
    expect(links.length).toBeGreaterThan(0);
    const there = new Set(rows.map(({ number, anchor }) => `${number} ${anchor}`));
    expect(links.filter(([text, anchor]) => !there.has(`${text} ${anchor}`))).toEqual([]);
    const files = [...DOCUMENT.matchAll(/\]\(([^#)]+)\)/g)].map(([, file = '']) => file);
    expect(files.filter((file) => !existsSync(join(ROOT, 'docs', file)))).toEqual([]);
  });

  it('names rules that exist', () => {
    const known = new Set<string>(rules.map(({ id }) => id));
    const named = snippetsIn(rows.map(({ why }) => why).join(' ')).filter((text) => /^\w+\/[a-z0-9-]+$/.test(text));
    expect(named.length).toBeGreaterThan(rows.length);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  it('has scenarios that some answer needs, and no others', () => {
    const used = DOCUMENT.match(/examples\/scenarios\/[\w-]+\.ndjson/g) ?? [];
    const there = readdirSync(join(ROOT, 'examples/scenarios')).filter((name) => name.endsWith('.ndjson'));
    expect([...new Set(used)].sort()).toEqual(there.map((name) => `examples/scenarios/${name}`).sort());
  });
});

describe('the answer', () => {
  it.each(rows.map((row) => [row.number, row.claim, row] as const))('%s is shown: %s', async (_, __, row) => {
    expect(ANSWERS).toContain(row.answer);
    expect(row.why).not.toBe('');
    const shown = shownIn(row);
    if (row.answer !== 'cannot tell') expect(shown).not.toEqual([]);
    for (const one of shown) {
      const text = await evidence(one);
      expect(one.seen.filter((snippet) => !text.includes(oneLine(snippet)))).toEqual([]);
      expect(one.unseen.filter((snippet) => text.includes(oneLine(snippet)))).toEqual([]);
    }
  });
});
