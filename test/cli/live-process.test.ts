/** The commands on the running kernel as processes: what is left when they end, and what they say where that kernel cannot be talked to. */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { kernelFor, thisKernel } from '../../src/live/kernel-of-release.js';
import { liveIt } from '../support/live.js';
import { Folder } from './transcript.js';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = [`--import=${import.meta.resolve('tsx')}`, join(ROOT, 'src/cli/main.ts')];
const folder = new Folder();

/** The command, with a mark by which it and all that it starts are found. */
class Marked {
  readonly #mark = `LIVE_TEST=${randomBytes(8).toString('hex')}`;
  readonly child;

  constructor(args: readonly string[]) {
    const [name = '', value = ''] = this.#mark.split('=');
    const env = { ...process.env, [name]: value };
    this.child = spawn(process.execPath, [...MAIN, ...args], { cwd: ROOT, env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdout.resume();
  }

  /** The processes that run, with their network namespaces. */
  running(): { readonly pid: number; readonly network: string }[] {
    return readdirSync('/proc').flatMap((name) => {
      try {
        if (!/^\d+$/.test(name) || !readFileSync(`/proc/${name}/environ`, 'latin1').includes(this.#mark)) return [];
        return [{ pid: Number(name), network: readlinkSync(`/proc/${name}/ns/net`) }];
      } catch {
        return [];
      }
    });
  }

  /** Waits until so many network namespaces beside ours are in use. */
  async untilNamespaces(count: number): Promise<void> {
    const own = readlinkSync('/proc/self/ns/net');
    const others = (): number =>
      new Set(this.running().flatMap(({ network }) => (network === own ? [] : [network]))).size;
    while (others() < count && this.child.exitCode === null) await sleep(50);
    expect(others()).toBeGreaterThanOrEqual(count);
  }

  /** Waits until nothing runs any more, for 3 s at most; what still does. */
  async left(): Promise<number[]> {
    for (let waited = 0; this.running().length > 0 && waited < 3000; waited += 50) await sleep(50);
    return this.running().map(({ pid }) => pid);
  }
}

/** Half a minute of retransmissions, whatever is skipped. */
const LONG = ['live', '--profile', 'retransmission', '--profile', 'timer-edges', '--runs', '40', '--jobs', '3'];

describe('a signal', () => {
  liveIt('ends live with its status, and leaves no process and so no namespace or device', async () => {
    const ended = (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).map(async (signal) => {
      const command = new Marked(LONG);
      await command.untilNamespaces(3);
      command.child.kill(signal);
      const [code, by] = await once(command.child, 'exit');
      return [signal, code ?? by, await command.left()];
    });
    expect(await Promise.all(ended)).toEqual([
      ['SIGINT', 130, []],
      ['SIGTERM', 143, []],
      ['SIGKILL', 'SIGKILL', []],
    ]);
  });

  liveIt('ends the adapter with its status, and so does the end of its input', async () => {
    const ended = (['SIGINT', 'SIGTERM', 'SIGKILL', undefined] as const).map(async (signal) => {
      const command = new Marked(['adapter']);
      command.child.stdin.write('{"type":"hello","id":1,"protocol":1,"kernel":"4.15"}\n');
      await once(command.child.stdout, 'data');
      if (signal === undefined) command.child.stdin.end();
      else command.child.kill(signal);
      const [code, by] = await once(command.child, 'exit');
      return [signal, code ?? by, await command.left()];
    });
    expect(await Promise.all(ended)).toEqual([
      ['SIGINT', 130, []],
      ['SIGTERM', 143, []],
      ['SIGKILL', 'SIGKILL', []],
      [undefined, 0, []],
    ]);
  });
});

describe('the adapter, as a subject like any other', () => {
  liveIt('conform holds it against a model', async () => {
    const kernel = kernelFor(thisKernel()).name;
    const { status, out, err } = await folder.shell(
      `tcp-backlog conform --kernel ${kernel} --run 'golden/backlog-*' --run campaign/accept-order --runs 3 -- '${process.execPath}' ${MAIN.map((word) => `'${word}'`).join(' ')} adapter --longest 1`,
    );
    expect(err).toBe('');
    expect(out).toContain(`Linux ${thisKernel().release} against ${kernel}: `);
    expect(status).toBe(0);
  });
});

describe('where the running kernel cannot be talked to', () => {
  const said = 'Talking to the running kernel needs';
  const command = `'${process.execPath}' ${MAIN.map((word) => `'${word}'`).join(' ')}`;
  folder.file('scenario.ndjson', [{ event: { syscall: 'listen', backlog: 1 } }]);

  /** Runs commands in a mount and user namespace that `prepare` has made poorer. */
  const poorer = (prepare: string, commands: readonly string[], run = '') =>
    Promise.all(
      commands.map((words) =>
        folder.shell(`unshare --user --map-root-user --mount sh -c "${prepare}; ${run} ${command} ${words}"`),
      ),
    );

  liveIt('without a TUN device it says so, with status 3', async () => {
    for (const one of await poorer('mount -t tmpfs none /dev/net', ['live', 'record scenario.ndjson', 'adapter'])) {
      expect(one).toEqual({
        status: 3,
        out: '',
        err: `tcp-backlog: ${said} a TUN device, but there is no /dev/net/tun (modprobe tun)\n`,
      });
    }
  });

  liveIt('without koffi it says so, with status 3', async () => {
    for (const one of await poorer(`mount -t tmpfs none '${join(ROOT, 'node_modules/koffi')}'`, ['live'])) {
      expect(one).toEqual({ status: 3, out: '', err: `tcp-backlog: ${said} koffi: npm install koffi\n` });
    }
  });

  liveIt('without user namespaces and the rights of root it says so, with status 3', async () => {
    const none = 'echo 0 > /proc/sys/user/max_user_namespaces';
    for (const { status, out, err } of await poorer(none, ['adapter'], 'setpriv --bounding-set=-all --inh-caps=-all')) {
      expect({ status, out }).toEqual({ status: 3, out: '' });
      expect(err).toMatch(
        /^tcp-backlog: Talking to the running kernel needs a network namespace of its own, but user namespaces are refused \(.*\) and root may not make a network namespace either\n$/,
      );
    }
  });

  it('the other commands do not need it', async () => {
    const { status } = await folder.run('run', 'scenario.ndjson');
    expect(status).toBe(0);
  });
});
