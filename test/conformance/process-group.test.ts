/** Processes that hide behind each other: each starts the next in a session of its own, and ends. */

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ProcessGroup } from '../../src/conformance/process-group.js';
import { Programs, running } from './process-fixtures.js';

const programs = new Programs();
const groups: ProcessGroup[] = [];

afterEach(() => {
  for (const group of groups.splice(0)) group.destroy();
});

/** Starts so many generations of processes, of which about one lives at a time. */
function relay(generations: number): { readonly group: ProcessGroup; readonly file: string } {
  const file = join(programs.path, 'relay.sh');
  writeFileSync(file, '#!/bin/sh\nsleep 0.003\n[ "$1" -gt 0 ] && setsid "$0" $(($1 - 1)) &\n', { mode: 0o755 });
  const group = new ProcessGroup();
  groups.push(group);
  const env = { ...process.env, ...group.environment };
  const { pid } = spawn(file, [`${generations}`], { detached: true, stdio: 'ignore', env });
  group.led(pid as number);
  return { group, file };
}

describe.runIf(process.platform === 'linux')('a process group', () => {
  it('is found while each of its processes ends as soon as it has started the next, and killed', async () => {
    const { group, file } = relay(100_000);
    await sleep(100);
    for (let look = 0; look < 60; look++) expect(group.running()).not.toEqual([]);
    group.destroy();
    await sleep(100);
    expect(running(['', [file]])).toEqual([]);
  });

  it('is empty when the last has ended', async () => {
    const { group } = relay(3);
    await expect.poll(() => group.running(), { timeout: 10_000 }).toEqual([]);
  });
});
