import { describe, expect, it } from 'vitest';
import { KERNELS } from '../../src/kernels.js';
import { kernelFor, runningKernel, thisKernel } from '../../src/live/kernel-of-release.js';

const kernels = KERNELS.filter(({ name }) => ['2.6.32', '4.15'].includes(name));
const fitting = (release: string, ...texts: readonly string[]): string =>
  kernelFor(runningKernel(release, ...texts), kernels).name;

describe('kernelFor', () => {
  it.each([
    ['2.6.32-220.el6.x86_64', '2.6.32'],
    ['2.6.32-754.el6', '2.6.32'],
    ['3.10.0-1160.el7.x86_64', '2.6.32'],
    ['4.9.337', '2.6.32'],
    ['4.15.10', '2.6.32'],
    ['4.15.11', '4.15'],
    ['4.15.18-generic', '4.15'],
    ['4.100', '4.15'],
    ['6.18.44-fc-v669', '4.15'],
  ])('%s is held against %s', (release, kernel) => {
    expect(fitting(release)).toBe(kernel);
  });

  it('is the oldest for what is older than all', () => {
    expect(fitting('2.4.37')).toBe('2.6.32');
    expect(fitting('not a release')).toBe('2.6.32');
  });

  it('goes by the mainline release where a distribution numbers its own', () => {
    expect(runningKernel('4.15.0-213-generic', '#224-Ubuntu SMP', 'Ubuntu 4.15.0-213.224-generic 4.15.18')).toEqual({
      release: '4.15.0-213-generic',
      upstream: '4.15.18',
    });
    expect(runningKernel('6.1.0-50-amd64', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-06-01)')).toEqual({
      release: '6.1.0-50-amd64',
      upstream: '6.1.192',
    });
    expect(fitting('4.15.0-213-generic', 'Ubuntu 4.15.0-213.224-generic 4.15.18')).toBe('4.15');
    expect(fitting('4.15.0-213-generic')).toBe('2.6.32');
  });

  it('has no other name for a kernel that tells its mainline release', () => {
    expect(runningKernel('6.18.44-fc-v669', '#1 SMP PREEMPT_DYNAMIC @0')).toEqual({ release: '6.18.44-fc-v669' });
    expect(runningKernel('6.1.192', 'Debian 6.1.192-1')).toEqual({ release: '6.1.192' });
  });

  it('knows the earliest release of a behaviour where that is older than the one that is cited', () => {
    expect(kernelFor({ release: '7.2.13' }).name).toBe('7.2');
    expect(kernelFor({ release: '6.18.44-fc-v669' }).name).toBe('7.2');
    expect(kernelFor({ release: '6.18.43' }).name).toBe('6.12');
    expect(kernelFor({ release: '6.12.200' }).name).toBe('6.12');
  });

  it('chooses among all kernels for this machine', () => {
    expect(KERNELS).toContain(kernelFor(thisKernel()));
  });
});
