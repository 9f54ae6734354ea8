/** Whoever follows docs/testing-your-stack.md from top to bottom sees what it says: its files are written, its commands typed. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandsOf, type Snippet, shows, snippetsOf, Workspace } from './snippets.js';

const GUIDE = readFileSync(resolve(import.meta.dirname, '../../docs/testing-your-stack.md'), 'utf8');

const snippets = snippetsOf(GUIDE);
const consoles = snippets.filter(({ language }) => language === 'console');

describe('the guide to testing a stack', () => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());
  let written = 0;

  it.each(consoles.map((snippet) => [commandsOf(snippet)[0] ?? '', snippet] as const))(
    'shows what is printed by %s',
    async (_, snippet) => {
      const before = snippets.indexOf(snippet);
      for (const one of snippets.slice(written, before)) if (one.file !== undefined) workspace.write(one);
      written = before;
      const terminal = await workspace.type(snippet);
      if (!shows(terminal, snippet)) expect(terminal).toBe(snippet.text);
    },
  );

  it('has nothing but files, terminals and one workflow', () => {
    const kinds = snippets.map(({ language, file }) => (file === undefined ? language : 'file'));
    expect(kinds.filter((kind) => kind !== 'file' && kind !== 'console')).toEqual(['yaml']);
    expect(GUIDE.match(/^```/gm)).toHaveLength(2 * snippets.length);
  });

  it('has a workflow of the commands that it shows', () => {
    const typed = consoles.flatMap(commandsOf).map((command) => command.replace(/ \| head -n 1$/, ''));
    const workflow = snippets.find(({ language }) => language === 'yaml')?.text ?? '';
    const runs = [...workflow.matchAll(/ - run: (npx .*)$/gm)].map(([, command = '']) => command);
    expect(runs).toHaveLength(2);
    for (const shard of ['1', '2']) {
      for (const command of runs) expect(typed).toContain(command.replaceAll(/\$\{\{ matrix\.shard \}\}/g, shard));
    }
  });
});

describe('what a terminal shows', () => {
  const block = (text: string): Snippet => ({ line: 1, language: 'console', file: undefined, text });
  it('may differ in durations and where something is left out, and in nothing else', () => {
    const shown = block('$ a\nfirst\n…\nlast of …\nin 0.1 s\n');
    expect(shows('$ a\nfirst\nx\ny\nlast of all\nin 12.5 s\n', shown)).toBe(true);
    expect(shows('$ a\nfirst\nlast of all\nin 0.1 s\n', shown)).toBe(true);
    expect(shows('$ a\nfirst\nlast\nin 0.1 s\n', shown)).toBe(false);
    expect(shows('$ a\nfirst\nlast of all\nin 0.1 s\nmore\n', shown)).toBe(false);
    expect(shows('$ a\nFirst\nlast of all\nin 0.1 s\n', shown)).toBe(false);
  });
});
