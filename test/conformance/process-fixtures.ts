/** Small programs that speak the conformance protocol, well or badly, and a look at what is left of them. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Capabilities } from '../../src/conformance/subject.js';

/** What the programs say of themselves. */
export const CAPABILITIES: Capabilities = {
  name: 'small',
  version: '1',
  observes: { level: 'counters' },
  clock: { kind: 'virtual' },
  features: [],
  sysctls: ['net.core.somaxconn'],
  sockopts: [],
};

/** Answers every request as it should; a program's own lines come after it and may replace `answer` and `handle`. */
const GOOD = `
process.env.STARTED_BY = __filename;
const { spawn } = require('node:child_process');
let answer = ({ type, id }) => ({
  hello: { type, id, protocol: 1, capabilities: ${JSON.stringify(CAPABILITIES)} },
  reset: { type, id },
  apply: { type, id, outcome: {} },
  observe: { type, id, observation: { counters: {} } },
  stop: { type, id },
})[type];
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
let handle = (request) => say(answer(request));
const input = require('node:readline').createInterface({ input: process.stdin });
input.on('line', (line) => {
  const request = JSON.parse(line);
  handle(request);
  if (request.type === 'stop') input.close();
});
`;

/** A command line. */
export type CommandLine = readonly [command: string, args: readonly string[]];

/** A folder with programs, which is removed after the tests of the file. */
export class Programs {
  readonly path = mkdtempSync(join(tmpdir(), 'tcp-backlog-subject-'));
  #count = 0;

  constructor() {
    afterAll(() => rmSync(this.path, { recursive: true }));
  }

  /** A program that answers well but for what `lines` change. */
  program(lines: string): CommandLine {
    const file = join(this.path, `${++this.#count}.cjs`);
    writeFileSync(file, `${GOOD}\n${lines}`);
    return [process.execPath, [file]];
  }
}

/** The processes that run a program, or were started by it: they have its name among their arguments or in their environment. */
export function running([, [file = '']]: CommandLine): number[] {
  const mentions = (path: string): boolean => {
    try {
      return readFileSync(path, 'latin1')
        .split('\0')
        .some((text) => text.endsWith(file));
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && (mentions(`/proc/${pid}/cmdline`) || mentions(`/proc/${pid}/environ`)))
    .map(Number);
}
