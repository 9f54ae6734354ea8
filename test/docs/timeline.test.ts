/** What docs/timeline.md shows is what its commands print, and its example in TypeScript runs. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Folder } from '../cli/transcript.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/timeline.md'), 'utf8');

const commands = new Folder();
const folder = mkdtempSync(join(ROOT, 'node_modules/.timeline-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('docs/timeline.md', () => {
  it('shows what the command prints in a terminal', async () => {
    const [, args = '', text = ''] = /\$ npx tcp-backlog (.+)\n((?: {4}.*\n|\n(?= {4}))*)/.exec(PAGE) ?? [];
    const { out } = await commands.run(...args.split(' '));
    expect(text.replaceAll(/^ {4}/gm, '').trimEnd()).toBe(out.trimEnd());
    expect(out).toContain('SYN dropped');
  });

  it('shows the sequence diagram that the command prints', async () => {
    const [, args = '', block = ''] = /npx tcp-backlog (.+ --mermaid .+)\n\n(```mermaid[\s\S]*?```)/.exec(PAGE) ?? [];
    expect((await commands.run(...args.split(' '))).out.trimEnd()).toBe(block);
  });

  it('has an example of the library that draws a picture', async () => {
    const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(PAGE) ?? [];
    const library = pathToFileURL(join(ROOT, 'src/index.ts')).pathname;
    const file = join(folder, 'example.ts');
    writeFileSync(file, `${example.replace("'tcp-backlog-spec'", `'${library}'`)}\nexport { svg };\n`);
    const { svg } = (await import(file)) as { svg: string };
    expect(svg).toMatch(/^<svg .*width="600"/);
    expect(svg).toContain('2 SYN-ACKs are sent again');
  });
});
