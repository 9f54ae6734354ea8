/** `limits --from-system`: the settings of a machine mean what they mean to its kernel. */

import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/cli/commands/limits.js';
import { Output } from '../../src/cli/output.js';
import { KERNELS } from '../../src/kernels.js';
import { type RunningKernel, thisKernel } from '../../src/live/kernel-of-release.js';
import { Paper } from './transcript.js';

/** The kernels that are told of, and what is said beside them. */
async function told(running: RunningKernel, more: { kernel?: readonly string[]; fromSystem?: boolean }) {
  const [out, err] = [new Paper(), new Paper()];
  const status = await limits({ backlog: 128, sysctl: {}, json: true, ...more }, new Output(out, err), running);
  const kernels = out.text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kernel: string }).kernel);
  return { status, kernels, err: err.text };
}

const here = it.skipIf(!existsSync('/proc/sys/net/core/somaxconn'));

describe('limits --from-system', () => {
  here('takes the model that fits the running kernel, and says so', async () => {
    expect(await told({ release: '2.6.32-754.el6' }, { fromSystem: true })).toEqual({
      status: 0,
      kernels: ['2.6.32'],
      err: 'this machine runs Linux 2.6.32-754.el6; the model that fits best is 2.6.32\n',
    });
    expect(await told({ release: '4.15.0-213-generic', upstream: '4.15.18' }, { fromSystem: true })).toEqual({
      status: 0,
      kernels: ['4.15'],
      err: 'this machine runs Linux 4.15.0-213-generic (4.15.18); the model that fits best is 4.15\n',
    });
  });

  here('takes the kernels that are asked for', async () => {
    const asked = await told({ release: '2.6.32' }, { fromSystem: true, kernel: ['4.15', '2.6.32'] });
    expect(asked).toEqual({ status: 0, kernels: ['4.15', '2.6.32'], err: '' });
  });

  it('tells of all kernels where no machine is asked for', async () => {
    const { kernels, err } = await told(thisKernel(), {});
    expect({ kernels, err }).toEqual({ kernels: KERNELS.map(({ name }) => name), err: '' });
  });
});
