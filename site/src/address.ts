/** What one sees, and the part of the address behind the `#` that says it, so that a link shows the same. */

import type { Workload } from '../../src/generated/types.js';
import { SCENARIOS } from './scenarios.js';

/** A workload that nobody has checked yet. */
export type Draft = Readonly<Record<string, unknown>>;

/** What one sees. */
export interface View {
  readonly kernels: readonly string[];
  readonly workload: Draft;
  /** µs: where the time stands; undefined: at the end. */
  readonly at: number | undefined;
  /** µs: the stretch that is looked at; undefined: all of it. */
  readonly window: readonly [number, number] | undefined;
  /** How many seconds of the run pass in one second; undefined: as many as it takes to see it all in about ten. */
  readonly speed: number | undefined;
  /** The trace that is looked at instead of a run; undefined: there is none. */
  readonly trace: TraceView | undefined;
}

/** What one sees of a file of traces. */
export interface TraceView {
  readonly name: string;
  /** The file, compressed, where it is small enough for an address. */
  readonly packed: string | undefined;
  /** The kernel that judges, whatever the headers say. */
  readonly kernel: string | undefined;
  /** The number of the report; undefined: the first that violates, or the first. */
  readonly report: number | undefined;
  /** The number of the step, from 0; undefined: the one that violates, or the first. */
  readonly step: number | undefined;
}

/** The address that shows nothing in particular. */
export const START: View = {
  kernels: SCENARIOS[0].kernels,
  workload: draftOf(SCENARIOS[0].workload),
  at: undefined,
  window: undefined,
  speed: undefined,
  trace: undefined,
};

/** A workload as it is edited: which kernel is chosen is told apart from it. */
export function draftOf({ kernel: _, ...workload }: Workload): Draft {
  return workload;
}

/** The scenario that a draft is, unchanged; undefined: none. */
export const scenarioOf = (draft: Draft): (typeof SCENARIOS)[number] | undefined =>
  SCENARIOS.find(({ workload }) => sorted(draftOf(workload)) === sorted(draft));

/** The address of a view, without the `#`. */
export function addressOf({ kernels, workload, at, window, speed, trace }: View): string {
  const pairs: [string, string][] = [];
  if (trace === undefined) {
    pairs.push(['kernels', kernels.join(',')]);
    flatten(workload, '', pairs);
    if (window !== undefined) pairs.push(['from', String(window[0])], ['to', String(window[1])]);
    if (at !== undefined) pairs.push(['at', String(at)]);
  } else {
    const { name, packed, kernel, report, step } = trace;
    pairs.push(['trace', name]);
    if (kernel !== undefined) pairs.push(['judge', kernel]);
    if (report !== undefined) pairs.push(['report', String(report)]);
    if (step !== undefined) pairs.push(['step', String(step)]);
    if (packed !== undefined) pairs.push(['file', packed]);
  }
  if (speed !== undefined) pairs.push(['speed', String(speed)]);
  return pairs.map(([key, value]) => `${encoded(key)}=${encoded(value)}`).join('&');
}

/** The view of an address, without the `#`. What it says of a workload is taken as it is: whoever runs it says what is wrong with it. */
export function viewOf(address: string): View {
  if (address === '') return START;
  const pairs = new URLSearchParams(address);
  const number = (key: string): number | undefined => {
    const value = Number(pairs.get(key) ?? 'none');
    return Number.isFinite(value) && value >= 0 ? value : undefined;
  };
  const [speed, from, to] = [number('speed'), number('from'), number('to')];
  const name = pairs.get('trace');
  if (name !== null) {
    const trace: TraceView = {
      name,
      packed: pairs.get('file') ?? undefined,
      kernel: pairs.get('judge') ?? undefined,
      report: number('report'),
      step: number('step'),
    };
    return { ...START, speed, trace };
  }
  const workload: Record<string, unknown> = {};
  for (const [key, value] of pairs)
    if (!OWN.has(key)) put(workload, key.split('/'), key === 'title' ? value : read(value));
  const kernels = pairs.get('kernels');
  return {
    kernels: kernels === null ? START.kernels : kernels.split(',').filter((one) => one !== ''),
    workload: Object.keys(workload).length === 0 ? START.workload : workload,
    at: number('at'),
    window: from !== undefined && to !== undefined && from < to ? [from, to] : undefined,
    speed: speed === 0 ? undefined : speed,
    trace: undefined,
  };
}

/** What is not part of the workload. */
const OWN = new Set(['kernels', 'from', 'to', 'at', 'speed']);

/** A draft with another value in the place that `keys` lead to; undefined: with nothing there, nor anything that would be empty without it. */
export function changed(draft: Draft, [key = '', ...others]: readonly string[], value: unknown): Draft {
  const { [key]: old, ...rest } = draft;
  if (others.length === 0) return value === undefined ? rest : { ...draft, [key]: value };
  const inner = changed(isDraft(old) ? old : {}, others, value);
  return Object.keys(inner).length === 0 ? rest : { ...draft, [key]: inner };
}

/** The value in the place that `keys` lead to; undefined: there is none. */
export const valueAt = (draft: Draft, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((found, key) => (isDraft(found) && Object.hasOwn(found, key) ? found[key] : undefined), draft);

const isDraft = (value: unknown): value is Draft =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function flatten(value: Draft, prefix: string, pairs: [string, string][]): void {
  for (const [key, one] of Object.entries(value)) {
    if (isDraft(one)) flatten(one, `${prefix}${key}/`, pairs);
    else pairs.push([prefix + key, typeof one === 'string' ? one : JSON.stringify(one)]);
  }
}

function put(draft: Record<string, unknown>, [key = '', ...others]: readonly string[], value: unknown): void {
  // Defined rather than assigned: a name may be anything, `__proto__` as well.
  const define = (one: unknown): void => {
    Object.defineProperty(draft, key, { value: one, enumerable: true, writable: true, configurable: true });
  };
  if (others.length === 0) {
    define(value);
    return;
  }
  const inner = Object.hasOwn(draft, key) ? draft[key] : undefined;
  if (!isDraft(inner)) define({});
  put(draft[key] as Record<string, unknown>, others, value);
}

/** Numbers and lists are JSON; everything else is text. */
function read(text: string): unknown {
  if (!/^(-?\d|\[)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What may stand in an address as it is, for people. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/%(2F|2C|3A|5B|5D|20)/g, (code) =>
    code === '%20' ? '+' : decodeURIComponent(code),
  );

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    isDraft(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
}
