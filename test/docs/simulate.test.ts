/** What docs/simulate.md says that `simulate` prints, it prints; and its workload is the one of the examples. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Folder } from '../cli/transcript.js';
import { commandsOf, shows, snippetsOf } from './snippets.js';

const snippets = snippetsOf(readFileSync('docs/simulate.md', 'utf8'));
const folder = new Folder();

/** What a terminal shows of the commands, run in this process. */
async function typed(commands: readonly string[]): Promise<string> {
  let text = '';
  for (const command of commands) {
    const [words = '', head] = command.split(' | head -');
    const { out, err } = await folder.run(...words.split(' ').slice(2));
    const lines = (out + err).split(/(?<=\n)/);
    text += `$ ${command}\n${lines.slice(0, head === undefined ? undefined : Number(head)).join('')}`;
  }
  return text;
}

const consoles = snippets.filter(({ language }) => language === 'console');

describe('docs/simulate.md', () => {
  it('shows commands', () => {
    expect(consoles.length).toBe(4);
  });

  it.each(consoles.map((one) => [one.line, one] as const))('shows at line %i what is printed', async (_, snippet) => {
    const text = await typed(commandsOf(snippet));
    expect(shows(text, snippet), text).toBe(true);
  });

  it('shows the workload of examples/workloads/garbage-collection.json', () => {
    const [json] = snippets.filter(({ language }) => language === 'json');
    expect(JSON.parse(json?.text ?? '')).toEqual(
      JSON.parse(readFileSync('examples/workloads/garbage-collection.json', 'utf8')),
    );
  });
});
