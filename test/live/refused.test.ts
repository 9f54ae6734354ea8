/** What only shows once the adapter runs: it says so in one sentence. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import { liveCommand } from '../../src/live/launch.js';
import { type Libc, loadLibc } from '../../src/live/libc.js';
import { Tun } from '../../src/live/tun.js';
import { Unsupported } from '../../src/live/unsupported.js';
import { liveIt } from '../support/live.js';

/** Makes every import of koffi fail as where it is not installed. */
const HOOKS = `export async function resolve(specifier, context, next) {
  if (specifier !== 'koffi') return next(specifier, context);
  throw Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' });
}`;
const url = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
const WITHOUT_KOFFI = url(`import { register } from 'node:module'; register(${JSON.stringify(url(HOOKS))});`);

/** What the adapter answers to `hello`, started by these words, and its status after `stop`. */
async function hello(command: string, args: readonly string[]): Promise<readonly [unknown, number | null]> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.end('{"type":"hello","id":1,"protocol":1,"kernel":"4.15"}\n');
  const answer = JSON.parse(await text(child.stdout));
  return [answer, (await ended)[0] as number | null];
}

describe('the adapter says in one sentence', () => {
  liveIt('that koffi is missing', async () => {
    const { command, args } = liveCommand();
    const program = args.indexOf(process.execPath) + 1;
    const words = [...args.slice(0, program), '--import', WITHOUT_KOFFI, ...args.slice(program)];
    const message = 'Talking to the running kernel needs koffi: npm install koffi';
    expect(await hello(command, words)).toEqual([{ type: 'error', id: 1, message }, 0]);
  });

  liveIt('that it is nobody in its namespaces', async () => {
    const { command, args } = liveCommand();
    const words = ['--user', '--net', ...args.slice(args.indexOf('--'))];
    const message = 'Talking to the running kernel needs what is refused here (SIOCSIFFLAGS: EPERM)';
    expect(await hello(command, words)).toEqual([{ type: 'error', id: 1, message }, 0]);
  });

  liveIt('that the kernel refuses to make a TUN device', async () => {
    const libc: Libc = { ...(await loadLibc()), ioctl: () => -1 };
    const message =
      'Talking to the running kernel needs a TUN device, and this kernel refuses to make one (TUNSETIFF: EPERM)';
    expect(() => new Tun(libc)).toThrow(new Unsupported(message));
  });
});
