/** How the adapter to the running kernel is started: in namespaces of its own, by util-linux' unshare(1). What can be missing is found out here, as far as it shows from outside. */

import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Unsupported } from './unsupported.js';

/** A program and its arguments, to be started without a shell. */
export interface LiveCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** What may be said of the adapter. */
export interface LiveOptions {
  /** µs: scenarios whose waits add up to more are skipped. Default 70 seconds. */
  readonly longest?: number;
}

/** The machine, as far as it has to be looked at before the adapter can be started. */
export interface Surroundings {
  /** As `process.platform`. */
  readonly platform: string;
  /** As `process.arch`. */
  readonly arch: string;
  /** Whether this process is root's. */
  readonly root: boolean;
  /** Whether koffi is installed where this package finds it. */
  hasKoffi(): boolean;
  /** Opens a file for reading and writing, and closes it. What went wrong, as `EACCES`; undefined: nothing. */
  open(path: string): string | undefined;
  /** Runs a program to its end: its status and what it wrote to standard error; or undefined, where there is no such program. */
  run(
    command: string,
    args: readonly string[],
  ): { readonly status: number | null; readonly stderr: string } | undefined;
}

/** How unshare(1) is asked for namespaces. With a user namespace the adapter is nobody's root but its own. */
const NAMESPACES = { user: ['--user', '--map-root-user', '--net'], root: ['--net'] } as const;

/** Processors on which the kernel's structures have the form that the adapter gives them: 64 bits, the lowest byte first. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];

const TUN = '/dev/net/tun';

/**
 * The words that start the adapter, which speaks the conformance protocol on its standard input and output.
 * @throws Unsupported where something that it needs is missing
 */
export function liveCommand(options: LiveOptions = {}, here: Surroundings = surroundings()): LiveCommand {
  if (here.platform !== 'linux') {
    throw new Unsupported(`Talking to the running kernel needs Linux, and this is ${here.platform}`);
  }
  if (!ARCHITECTURES.includes(here.arch)) {
    throw new Unsupported(
      `Talking to the running kernel needs one of ${ARCHITECTURES.join(', ')}, and this is ${here.arch}`,
    );
  }
  if (!here.hasKoffi()) throw new Unsupported('Talking to the running kernel needs koffi: npm install koffi');
  const namespaces = allowedNamespaces(here);
  const tun = here.open(TUN);
  if (tun !== undefined) throw new Unsupported(withoutTun(tun));
  const longest = options.longest === undefined ? [] : [String(options.longest)];
  return { command: 'unshare', args: [...namespaces, '--', process.execPath, ...adapter(), ...longest] };
}

/** The arguments of unshare(1) that this machine allows. */
function allowedNamespaces(here: Surroundings): readonly string[] {
  const user = here.run('unshare', [...NAMESPACES.user, '--', 'true']);
  if (user === undefined) {
    throw new Unsupported('Talking to the running kernel needs the program unshare, of util-linux');
  }
  if (user.status === 0) return NAMESPACES.user;
  if (here.root && here.run('unshare', [...NAMESPACES.root, '--', 'true'])?.status === 0) return NAMESPACES.root;
  const why = user.stderr.trim().split('\n')[0] ?? '';
  const without = here.root ? 'root may not make a network namespace either' : 'this is not root';
  throw new Unsupported(
    `Talking to the running kernel needs a network namespace of its own, but user namespaces are refused (${why}) and ${without}`,
  );
}

/** The sentence for a TUN device that cannot be opened. */
function withoutTun(errno: string): string {
  const why =
    errno === 'ENOENT' || errno === 'ENODEV' || errno === 'ENXIO'
      ? `there is no ${TUN} (modprobe tun)`
      : `${TUN} cannot be opened (${errno})`;
  return `Talking to the running kernel needs a TUN device, but ${why}`;
}

/** The arguments of node that run the adapter: as it was compiled, or from its source where this file is run from its own. */
function adapter(): string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('./adapter.js', import.meta.url))];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--import', tsx, fileURLToPath(new URL('./adapter.ts', import.meta.url))];
}

function surroundings(): Surroundings {
  return {
    platform: process.platform,
    arch: process.arch,
    root: process.geteuid?.() === 0,
    hasKoffi: () => {
      try {
        createRequire(import.meta.url).resolve('koffi');
        return true;
      } catch {
        return false;
      }
    },
    open: (path) => {
      try {
        closeSync(openSync(path, 'r+'));
        return undefined;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? 'EIO';
      }
    },
    run: (command, args) => {
      const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 });
      return error !== undefined && status === null && stderr === null ? undefined : { status, stderr: stderr ?? '' };
    },
  };
}
