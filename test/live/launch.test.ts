import { describe, expect, it } from 'vitest';
import { liveCommand, type Surroundings } from '../../src/live/launch.js';
import { Unsupported } from '../../src/live/unsupported.js';

/** A machine on which everything is allowed, but for what is said. `runs`: the namespaces that unshare(1) can make. */
function machine(but: Partial<Surroundings> = {}, runs: (args: string) => boolean = () => true): Surroundings {
  return {
    platform: 'linux',
    arch: 'x64',
    root: false,
    hasKoffi: () => true,
    open: () => undefined,
    run: (_, args) =>
      runs(args.join(' '))
        ? { status: 0, stderr: '' }
        : { status: 1, stderr: 'unshare: unshare failed: Operation not permitted\nmore' },
    ...but,
  };
}

const refuse = (here: Surroundings): string => {
  try {
    liveCommand({}, here);
  } catch (error) {
    expect(error).toBeInstanceOf(Unsupported);
    return (error as Error).message;
  }
  return 'nothing is missing';
};

describe('the adapter', () => {
  it('is started as the root of a user namespace of its own', () => {
    const { command, args } = liveCommand({ longest: 5_000_000 }, machine());
    expect(command).toBe('unshare');
    expect(args.slice(0, 5)).toEqual(['--user', '--map-root-user', '--net', '--', process.execPath]);
    expect(args.at(-2)).toMatch(/src\/live\/adapter\.ts$/);
    expect(args.at(-1)).toBe('5000000');
  });

  it('is started by root without one, where user namespaces are refused', () => {
    const here = machine({ root: true }, (args) => !args.includes('--user'));
    expect(liveCommand({}, here).args.slice(0, 3)).toEqual(['--net', '--', process.execPath]);
  });

  it.each<[string, string, Surroundings]>([
    [
      'another operating system',
      'Talking to the running kernel needs Linux, and this is darwin',
      machine({ platform: 'darwin' }),
    ],
    [
      'another processor',
      'Talking to the running kernel needs one of x64, arm64, riscv64, loong64, and this is s390x',
      machine({ arch: 's390x' }),
    ],
    ['no koffi', 'Talking to the running kernel needs koffi: npm install koffi', machine({ hasKoffi: () => false })],
    [
      'no unshare(1)',
      'Talking to the running kernel needs the program unshare, of util-linux',
      machine({ run: () => undefined }),
    ],
    [
      'no user namespaces',
      'Talking to the running kernel needs a network namespace of its own, but user namespaces are refused (unshare: unshare failed: Operation not permitted) and this is not root',
      machine({}, () => false),
    ],
    [
      'a root that may nothing',
      'Talking to the running kernel needs a network namespace of its own, but user namespaces are refused (unshare: unshare failed: Operation not permitted) and root may not make a network namespace either',
      machine({ root: true }, () => false),
    ],
    [
      'no TUN device',
      'Talking to the running kernel needs a TUN device, but there is no /dev/net/tun (modprobe tun)',
      machine({ open: () => 'ENOENT' }),
    ],
    [
      'a TUN device of others',
      'Talking to the running kernel needs a TUN device, but /dev/net/tun cannot be opened (EACCES)',
      machine({ open: () => 'EACCES' }),
    ],
  ])('is refused on a machine with %s, in one sentence', (_, sentence, here) => {
    expect(refuse(here)).toBe(sentence);
  });
});
