import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Folder } from './cli/transcript.js';

const ROOT = resolve(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

const folder = mkdtempSync(join(ROOT, 'node_modules/.readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

const commands = new Folder();

describe('the README', () => {
  it('has an example of the library that runs and prints what it says', async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(README)?.[1] ?? '';
    expect(example.trim().split('\n').length).toBeLessThan(15);
    const file = join(folder, 'example.ts');
    writeFileSync(
      file,
      example.replace("'tcp-backlog-spec'", `'${pathToFileURL(join(ROOT, 'src/index.ts')).pathname}'`),
    );
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    await import(file);
    const [sent, counters, rules] = log.mock.calls[0] ?? [];
    log.mockRestore();
    expect(sent).toBe(0);
    expect(counters).toEqual({ InSegs: 1, ListenDrops: 1, TCPReqQFullDrop: 1 });
    expect(rules).toContain('tcp_conn_request/syn-queue-full');
  });

  it.each(['explain', 'run'])('shows what %s prints', async (command) => {
    const pattern = new RegExp(String.raw`\$ npx tcp-backlog ${command} (.+)\n((?: {4}.*\n|\n(?= {4}))*)`);
    const [, args = '', text = ''] = pattern.exec(README) ?? [];
    const shown = text.replaceAll(/^ {4}/gm, '').trimEnd();
    const { out } = await commands.run(command, ...args.split(' '));
    expect(out.trimEnd().replaceAll(/[ ]+$/gm, '')).toBe(shown);
  });
});
