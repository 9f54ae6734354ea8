/** Options that several commands share. */

import { InvalidArgumentError } from 'commander';
import { parseSeed } from '../../properties/seed.js';
import type { KernelVariant } from '../host/variant.js';
import { KERNELS, kernelNamed } from '../kernels.js';
import { isViewName, VIEWS, type ViewName } from '../report/views/index.js';
import { UsageError } from './exit.js';

/** The kernel that `--kernel` names. */
export function kernelOption(name: string): KernelVariant;
export function kernelOption(name: string | undefined): KernelVariant | undefined;
export function kernelOption(name: string | undefined): KernelVariant | undefined {
  if (name === undefined) return undefined;
  const kernel = kernelNamed(name);
  if (kernel === undefined) {
    throw new UsageError(
      `no such kernel: ${JSON.stringify(name)} (there are ${KERNELS.map((one) => one.name).join(', ')})`,
    );
  }
  return kernel;
}

/** The kernels' names, as in `2.6.32, 4.15 or 5.10`. */
export const KERNEL_NAMES = KERNELS.map(({ name }) => name)
  .join(', ')
  .replace(/, (?!.*, )/, ' or ');

/** The kernel where nobody names one. It stays when newer ones are added, so that what a command prints stays, too. */
export const DEFAULT_KERNEL = '4.15';

/** Names with commas between them, in an option that may be repeated, each once: `2.6.32,4.15`. */
export const kernelsOption = (text: string, earlier: readonly string[] = []): string[] => [
  ...new Set([...earlier, ...text.split(',')]),
];

/** A peer's number, as traces have it. */
export function peerOption(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('Expected a number.');
  return Number(text);
}

/** Collects `--sysctl name=value` into a record. */
export function sysctlOption(text: string, earlier: Readonly<Record<string, number>>): Record<string, number> {
  const [, name, value] = /^([a-z][a-z0-9_.]*)=(-?\d+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Expected NAME=INTEGER.');
  return { ...earlier, [name]: integerOption(value) };
}

/** An int of C. */
export function integerOption(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value !== (value | 0)) {
    throw new InvalidArgumentError('Expected an integer from -2147483648 to 2147483647.');
  }
  return value;
}

/** Collects the values of an option that may be repeated. */
export const collectedOption = (text: string, earlier: readonly string[] = []): string[] => [...earlier, text];

/** What `--show` asks for. */
export interface Shown {
  readonly views: readonly ViewName[];
  /** When, µs, in ascending order; none: at the end. */
  readonly times: readonly number[];
}

/** Views by name, and the seconds at which they are wanted: `ss,netstat` or `ss,netstat@0.5,3`. */
export function showOption(text: string): Shown {
  const [names = '', ...rest] = text.split('@');
  const views = names.split(',').map((name) => {
    if (isViewName(name)) return name;
    throw new InvalidArgumentError(
      `No such view: ${JSON.stringify(name)}. There are ${Object.keys(VIEWS).join(', ')}.`,
    );
  });
  if (rest.length === 0) return { views, times: [] };
  const times = rest.join('@').split(',');
  if (!times.every((time) => /^\d{1,6}(\.\d{1,6})?$/.test(time))) {
    throw new InvalidArgumentError('Expected seconds after @, with at most six decimals, as in ss@0.5,3.');
  }
  return { views, times: times.map((time) => Math.round(Number(time) * 1_000_000)).sort((a, b) => a - b) };
}

/** A number of things, of which there is to be one at least. */
export function countOption(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a number from 1 to 999999999.');
  return Number(text);
}

/** A seed, or `random`. */
export function seedOption(text: string): number {
  const seed = parseSeed(text);
  if (seed === undefined) throw new InvalidArgumentError('Expected an integer of 32 bits, or random.');
  return seed;
}

/** A path as a failed campaign tells it. */
export function pathOption(text: string): string {
  if (!/^\d+(:\d+)*$/.test(text)) throw new InvalidArgumentError('Expected numbers with colons, as in 12:0:3.');
  return text;
}

/** A word as a POSIX shell has to be given it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
