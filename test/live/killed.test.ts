/** The adapter is killed, or what started it is, at any moment: nothing of it is left, and the machine is as it was. */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import { liveCommand } from '../../src/live/launch.js';
import { liveIt } from '../support/live.js';

/** A second reset and a long wait, so that there is much to leave behind. */
const REQUESTS = [
  { type: 'hello', id: 1, protocol: 1, kernel: '4.15' },
  { type: 'reset', id: 2, sysctl: { 'net.core.somaxconn': 7 }, sockopt: {} },
  { type: 'reset', id: 3, sysctl: { 'net.core.somaxconn': 9, 'net.ipv4.tcp_syncookies': 0 }, sockopt: {} },
  { type: 'apply', id: 4, at: 0, event: { syscall: 'listen', backlog: 3 } },
  { type: 'apply', id: 5, at: 0, event: { segments: [{ peer: 1, flags: ['SYN'], seq: 1 }] } },
  { type: 'apply', id: 6, at: 0, event: { wait: 60_000_000 } },
]
  .map((request) => `${JSON.stringify(request)}\n`)
  .join('');

/** Starts the program in its arguments, asks it all that, and does not end before the test. */
const PARENT = `
  const [, requests, command, ...args] = process.argv;
  const child = require('node:child_process').spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.write(requests);
  setTimeout(() => {}, 90_000);
`;

/** Everything that /proc says of the host's network settings and devices. */
function host(): Record<string, string> {
  const said: Record<string, string> = {};
  const read = (path: string): void => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path)) read(join(path, name));
      return;
    }
    try {
      said[path] = readFileSync(path, 'latin1');
    } catch (error) {
      said[path] = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    }
  };
  read('/proc/sys/net/core');
  read('/proc/sys/net/ipv4');
  const devices = readFileSync('/proc/net/dev', 'latin1').split('\n').slice(2);
  said['devices'] = devices.map((line) => line.split(':')[0]?.trim()).join(' ');
  said['mounts of namespaces'] = readFileSync('/proc/self/mountinfo', 'latin1')
    .split('\n')
    .filter((line) => line.includes(' nsfs '))
    .join('\n');
  return said;
}

/** The numbers of all processes, with the network namespaces of their threads as far as they may be seen. */
function processes(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const tasks = readdirSync(`/proc/${pid}/task`);
      found.set(
        pid,
        tasks.map((task) => readlinkSync(`/proc/${pid}/task/${task}/ns/net`)),
      );
    } catch {
      // It is gone, or somebody else's.
    }
  }
  return found;
}

/** The processes among these that have `mark` in their environment. */
const marked = (mark: string): string[] =>
  [...processes().keys()].filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  });

/** The network namespaces of these processes, but for the one that the tests are in. */
function namespacesOf(pids: readonly string[]): Set<string> {
  const seen = processes();
  const namespaces = new Set(pids.flatMap((pid) => seen.get(pid) ?? []));
  namespaces.delete(readlinkSync('/proc/self/ns/net'));
  return namespaces;
}

/** When something is killed: ms after its start, or after the adapter is in the second of its namespaces. */
interface Moment {
  readonly since: 'start' | 'namespace';
  readonly ms: number;
}

/**
 * Starts an adapter, has something killed, and looks for what is left.
 * @returns the namespaces that the adapter was in
 */
async function kill(victim: 'adapter' | 'parent', signal: NodeJS.Signals, { since, ms }: Moment): Promise<string[]> {
  const mark = `KILLED_TEST=${randomBytes(8).toString('hex')}`;
  const [name, value] = mark.split('=') as [string, string];
  const { command, args } = liveCommand();
  const parent = spawn(process.execPath, ['-e', PARENT, REQUESTS, command, ...args], {
    env: { ...process.env, [name]: value },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(parent, 'exit');
  try {
    while (since === 'namespace' && namespacesOf(marked(mark)).size < 2) await sleep(20);
    await sleep(ms);
    const running = marked(mark);
    const then = processes();
    const namespaces = namespacesOf(running);
    const children = running.filter((pid) => Number(pid) !== parent.pid);
    if (victim === 'parent') parent.kill(signal);
    else for (const pid of children) process.kill(Number(pid), signal);
    // The parent in this test does not end with its child.
    await sleep(300);
    parent.kill('SIGKILL');
    await ended;
    for (let waited = 0; marked(mark).length > 0 && waited < 3000; waited += 20) await sleep(20);
    expect(marked(mark)).toEqual([]);
    // The numbers of namespaces that ended are given out again, so only those count that somebody was in all the time.
    const now = processes();
    const inside = (pid: string, those: Map<string, string[]>): string[] =>
      (those.get(pid) ?? []).filter((namespace) => namespaces.has(namespace));
    expect([...now.keys()].filter((pid) => inside(pid, now).length > 0 && inside(pid, then).length > 0)).toEqual([]);
    return [...namespaces];
  } finally {
    parent.kill('SIGKILL');
    for (const pid of marked(mark)) process.kill(Number(pid), 'SIGKILL');
  }
}

describe('nothing is left of the adapter', () => {
  liveIt('when it, or its parent, is killed at any moment by any signal', async () => {
    const before = host();
    const moment: fc.Arbitrary<Moment> = fc.oneof(
      fc.record({ since: fc.constant('start' as const), ms: fc.nat(1500) }),
      fc.record({ since: fc.constant('namespace' as const), ms: fc.nat(3000) }),
    );
    const victims = ['adapter', 'parent'] as const;
    const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;
    const cases = victims.flatMap((victim) => signals.map((signal) => [victim, signal] as const));
    const moments = fc.sample(moment, { numRuns: 2 * cases.length, seed: 5 });
    const killed = await Promise.allSettled(
      moments.map((one, i) => kill(...(cases[i % cases.length] as (typeof cases)[0]), one)),
    );
    for (const one of killed) if (one.status === 'rejected') throw one.reason;
    const namespaces = killed.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    // Some were killed in the namespace of a scenario, with the threads that stayed in the first one.
    expect(namespaces.filter((some) => some.length >= 2)).not.toEqual([]);
    expect(host()).toEqual(before);
  });
});
