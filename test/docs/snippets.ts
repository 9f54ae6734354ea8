/** The code blocks of a guide, in order: files that a reader writes, and commands with what they print. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeCompiledFolder } from '../../scripts/compiled.js';

const ROOT = resolve(import.meta.dirname, '../..');

const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object };

/** A fenced block. */
export interface Snippet {
  /** The line of the document on which it begins, from 1. */
  readonly line: number;
  readonly language: string;
  /** What stands after `file=`: the file that it is, or that it changes. */
  readonly file: string | undefined;
  readonly text: string;
}

/** All fenced blocks of a document. */
export function snippetsOf(markdown: string): Snippet[] {
  return [...markdown.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: file, 3: text = '', index }) => ({
      line: markdown.slice(0, index).split('\n').length,
      language,
      file,
      text,
    }),
  );
}

/** The lines of a console block that are typed, without the prompt. */
export const commandsOf = ({ text }: Snippet): string[] =>
  text.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []));

/** A reader's folder, in which this package, `tsx` and `vitest` are installed. */
export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), 'tcp-backlog-guide-'));

  constructor() {
    const modules = join(this.path, 'node_modules');
    const packaged = join(modules, 'tcp-backlog-spec');
    for (const part of ['src', 'properties']) writeCompiledFolder(join(packaged, 'dist'), ROOT, part);
    for (const part of ['package.json', 'fixtures', 'spec']) symlinkSync(join(ROOT, part), join(packaged, part));
    for (const name of ['tsx', 'vitest', ...Object.keys(dependencies)]) {
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    writeFileSync(join(this.path, 'package.json'), '{ "type": "module" }\n');
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  /** Writes the file that a block is; or changes it, where the block is a `diff`: its `-` lines are there exactly once. */
  write({ language, file, text, line }: Snippet): void {
    if (file === undefined) throw new Error(`line ${line}: it is no file`);
    const path = join(this.path, file);
    if (language !== 'diff') {
      writeFileSync(path, text);
      return;
    }
    const side = (mark: string): string =>
      text.replaceAll(/^.*\n/gm, (one) => (one.startsWith(mark) ? one.slice(mark.length) : ''));
    const parts = readFileSync(path, 'utf8').split(side('-'));
    if (parts.length !== 2) throw new Error(`line ${line}: ${file} has this ${parts.length - 1} times`);
    writeFileSync(path, parts.join(side('+')));
  }

  /** What a terminal shows when the commands of a block are typed: they themselves, and what they print. */
  type(snippet: Snippet): Promise<string> {
    const script = [
      `node() { '${process.execPath}' "$@"; }`,
      `npx() { local name=$1; shift; node node_modules/\${programs[$name]} "$@"; }`,
      'declare -A programs=([tcp-backlog]=tcp-backlog-spec/dist/src/cli/main.js [vitest]=vitest/vitest.mjs)',
      'status=0',
      ...commandsOf(snippet).map((command) => `cat <<'END'\n$ ${command}\nEND\n(exit $status)\n${command}\nstatus=$?`),
    ];
    const { PATH = '', HOME = '' } = process.env;
    return new Promise((shown) => {
      const child = spawn('bash', ['-c', `exec 2>&1\n${script.join('\n')}`], {
        cwd: this.path,
        env: { PATH, HOME, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      child.on('close', () => shown(text));
    });
  }
}

/**
 * Whether a terminal shows what a block says. A line `…` stands for any lines, ` …` at the end of one for what follows on it; durations and the
 * time of day may be others.
 */
export function shows(terminal: string, { text }: Snippet): boolean {
  const lines = text.split(/(?<=\n)/).map((line) => {
    if (line === '…\n') return '(?:.*\\n)*?';
    const [, start = '', rest = ''] = /^(.*?)( …)?\n$/.exec(line) ?? [];
    const literal = start.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&').replaceAll(/\d+\\\.\d+ s$/g, '\\d+\\.\\d+ s');
    return `${literal}${rest === '' ? '' : '.*'}\\n`;
  });
  return new RegExp(`^${lines.join('')}$`).test(terminal);
}
