/** Runs the command as a shell would show it: what was typed, what came out, and the status. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Output, type Sink } from '../../src/cli/output.js';
import { runCommand } from '../../src/cli/program.js';

/** What a run of the command left behind. */
export interface Transcript {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A stream that keeps what is written to it. */
export class Paper implements Sink {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 100;

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  once(): void {}
}

/** A folder for the files of one test file; they are written where the command finds them, and told by their names alone. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'tcp-backlog-cli-'));

  constructor() {
    afterAll(() => rmSync(this.path, { recursive: true }));
  }

  /** A file of these lines, or bytes. */
  file(name: string, content: Uint8Array | readonly unknown[]): string {
    const lines = content instanceof Uint8Array ? content : ndjson(content);
    writeFileSync(join(this.path, name), lines);
    return name;
  }

  /** Runs the command in this process. */
  async run(...args: readonly string[]): Promise<Transcript> {
    return this.runOn(new Paper(), new Paper(), args);
  }

  /** The same, on these streams. */
  async runOn(stdout: Paper, stderr: Paper, args: readonly string[]): Promise<Transcript> {
    const names = args.map((arg) =>
      /\.(ndjson|gz)\b/.test(arg) && !/^(fixtures|examples)\//.test(arg) ? join(this.path, arg) : arg,
    );
    const status = await runCommand(names, new Output(stdout, stderr));
    const told = (text: string): string => text.replaceAll(`${this.path}/`, '');
    return { status, out: told(stdout.text), err: told(stderr.text) };
  }

  /** Runs a shell command in a process of its own, in this folder; `tcp-backlog` is the command. */
  shell(command: string): Promise<Transcript> {
    const [tsx, main] = [import.meta.resolve('tsx'), join(import.meta.dirname, '../../src/cli/main.ts')];
    const define = `tcp-backlog() { '${process.execPath}' --import '${tsx}' '${main}' "$@"; }`;
    return new Promise((resolve) => {
      const child = spawn('bash', ['-c', `${define}\n${command}`], { cwd: this.path });
      const texts = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        texts.out += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        texts.err += text;
      });
      child.on('close', (status) => resolve({ status, ...texts }));
    });
  }
}

/** Lines of JSON; what is text already stays as it is. */
export function ndjson(lines: readonly unknown[]): Buffer {
  return Buffer.from(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
}
