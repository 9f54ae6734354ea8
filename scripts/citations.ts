/** What the models cite, what spec/citations.lock.json keeps of it, and whether the two and spec/rules.json agree. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { KernelSpec, RuleSpec } from '../src/generated/types.js';
import { findCFunction, functionName, linesOf } from './c-functions.js';
import { type Citation, type Declaration, type ModelFile, reachable } from './model-source.js';

/** Where a cited function stands, and a hash of it. */
export interface LockedFunction {
  /** First and last line, counted from 1. */
  readonly lines: readonly [number, number];
  /** Of these lines with their line ends, in hexadecimal. */
  readonly sha256: string;
}

/** spec/citations.lock.json, by release. The functions are by `path#function`. */
export type Lock = Record<
  string,
  { readonly tree: KernelSpec['tree']; readonly functions: Record<string, LockedFunction> }
>;

/** Everything that has to agree. */
export interface Sources {
  /** By file name, the models and what they import. */
  readonly model: ReadonlyMap<string, ModelFile>;
  readonly kernels: readonly KernelSpec[];
  readonly rules: readonly RuleSpec[];
}

/** A name in the kernel's spelling, as opposed to our camelCase. */
const isKernelName = (name: string): boolean => /^(?=.*_)[a-z0-9_]+$/.test(name);

const folderOf = (kernel: KernelSpec): string => `src/linux-${kernel.name}/`;

const inModels = (file: string, kernels: readonly KernelSpec[]): boolean =>
  kernels.some((kernel) => file.startsWith(folderOf(kernel)));

/** The key of a function in the lock. */
export const keyOf = ({ path, function: name }: Pick<Citation, 'path' | 'function'>): string =>
  `${path}#${functionName(name)}`;

/** Reads spec/kernels. */
export function readKernels(root: string): KernelSpec[] {
  const folder = `${root}spec/kernels/`;
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(folder + name, 'utf8')) as KernelSpec);
}

/** The citations of one kernel by key, each with a place that makes it. */
export function citedBy({ model, kernels, rules }: Sources, kernel: KernelSpec): Map<string, string> {
  const cited = new Map<string, string>();
  const add = (citation: Pick<Citation, 'path' | 'function'>, place: string): void => {
    const key = keyOf(citation);
    if (!cited.has(key)) cited.set(key, place);
  };
  for (const { declarations } of model.values()) {
    for (const { file, line, citations } of declarations) {
      for (const one of citations) if (one.release === kernel.release) add(one, `${file}:${line}`);
    }
  }
  for (const { declaration, place } of takenOver(model, folderOf(kernel))) {
    const { citations } = declaration;
    if (citations.some((one) => one.release === kernel.release)) continue;
    const older = citations.filter((one) => kernels.some(({ release }) => release === one.release));
    for (const one of older) add(one, place);
  }
  for (const { id, kernels: where } of rules) {
    const citation = where[kernel.name];
    if (citation !== undefined) add(citation, `spec/rules.json: ${id}`);
  }
  return cited;
}

/**
 * The functions of older kernels that `kernel` runs as they are, without handing them on, by key: those that its model reaches in other folders.
 * Nobody has said that they stand in the same place in this kernel, so the lock has those that do.
 */
export function inheritedBy({ model, kernels }: Sources, kernel: KernelSpec): Map<string, string> {
  const inherited = new Map<string, string>();
  const folder = folderOf(kernel);
  for (const { file, line, citations } of reachable(model, (name) => name.startsWith(folder))) {
    if (file.startsWith(folder)) continue;
    for (const one of citations) {
      if (kernels.some(({ release }) => release === one.release)) inherited.set(keyOf(one), `${file}:${line}`);
    }
  }
  return inherited;
}

/** Functions of an older kernel that the files in `folder` hand on as their own: they stand in the same place in this kernel. */
function takenOver(
  model: ReadonlyMap<string, ModelFile>,
  folder: string,
): { declaration: Declaration; place: string }[] {
  const found: { declaration: Declaration; place: string }[] = [];
  for (const { file, imports } of model.values()) {
    if (!file.startsWith(folder)) continue;
    for (const { name, from, reexported } of imports) {
      if (!reexported || from.startsWith(folder)) continue;
      const declarations = model.get(from)?.declarations ?? [];
      for (const declaration of declarations.filter((one) => one.exported && (name === '*' || one.name === name))) {
        found.push({ declaration, place: `${file}: re-exports ${declaration.name}` });
      }
    }
  }
  return found;
}

/**
 * The lock of one kernel, made from a checkout of its tree at `folder`, what is cited and could not be found there, and how much of what is
 * only inherited.
 */
export function lockFrom(
  folder: string,
  kernel: KernelSpec,
  cited: ReadonlyMap<string, string>,
  inherited: ReadonlyMap<string, string> = new Map(),
): { functions: Record<string, LockedFunction>; problems: string[]; moved: number } {
  const functions: Record<string, LockedFunction> = {};
  const problems: string[] = [];
  let moved = 0;
  const texts = new Map<string, string>();
  for (const [key, place] of [...new Map([...inherited, ...cited])].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [path, name] = key.split('#') as [string, string];
    if (!texts.has(path)) {
      const file = `${folder}/${path}`;
      texts.set(path, existsSync(file) ? readFileSync(file, 'latin1') : '');
    }
    const text = texts.get(path) as string;
    const found = findCFunction(text, name);
    if (found === undefined) {
      if (cited.has(key)) problems.push(`${place}: ${kernel.release} has no ${name} in ${path}`);
      else moved++;
      continue;
    }
    const sha256 = createHash('sha256')
      .update(Buffer.from(linesOf(text, found.lines), 'latin1'))
      .digest('hex');
    functions[key] = { lines: found.lines, sha256 };
  }
  return { functions, problems, moved };
}

/** How `found`, made from a checkout, differs from what the lock says. */
export function compareLocks(
  release: string,
  locked: Readonly<Record<string, LockedFunction>>,
  found: Readonly<Record<string, LockedFunction>>,
): string[] {
  return Object.entries(found).flatMap(([key, { lines, sha256 }]) => {
    const known = locked[key];
    if (known === undefined) return [`${release} ${key}: not in the lock`];
    if (known.sha256 !== sha256) return [`${release} ${key}: the text differs from what the lock was made from`];
    if (known.lines.join() !== lines.join()) {
      return [`${release} ${key}: stands in lines ${lines.join('-')}, the lock says ${known.lines.join('-')}`];
    }
    return [];
  });
}

/** Everything that does not agree, one sentence each; needs no kernel. */
export function checkCitations(sources: Sources, lock: Lock): string[] {
  return [...checkTags(sources), ...checkLock(sources, lock), ...checkRules(sources)];
}

function checkTags({ model, kernels }: Sources): string[] {
  const problems: string[] = [];
  for (const kernel of kernels) {
    for (const { file, declarations } of model.values()) {
      if (!file.startsWith(folderOf(kernel))) continue;
      for (const { name, line, isFunction, exported, citations, malformed } of declarations) {
        const at = `${file}:${line}: ${name}`;
        for (const text of malformed)
          problems.push(`${at}: "@kernel ${text}" is not a release, a C file and a function`);
        for (const { release } of citations) {
          if (!kernels.some((one) => one.release === release))
            problems.push(`${at} cites the unknown release ${release}`);
        }
        if (!isFunction || !isKernelName(name)) continue;
        const own = citations.filter(({ release }) => release === kernel.release);
        if (exported && own.length === 0 && malformed.length === 0) {
          problems.push(`${at} has a kernel function's name, but no "@kernel ${kernel.release} <path> <function>"`);
        }
        for (const citation of own) {
          const cited = functionName(citation.function);
          if (cited !== name)
            problems.push(`${at} cites ${cited}; a function with a kernel name models the one of that name`);
        }
      }
    }
  }
  return problems;
}

function checkLock(sources: Sources, lock: Lock): string[] {
  const problems: string[] = [];
  for (const kernel of sources.kernels) {
    const locked = lock[kernel.release];
    if (locked === undefined) {
      problems.push(`spec/citations.lock.json lacks ${kernel.release}`);
      continue;
    }
    if (!isDeepStrictEqual(locked.tree, kernel.tree)) {
      problems.push(`spec/citations.lock.json names another tree of ${kernel.release} than spec/kernels`);
    }
    const cited = citedBy(sources, kernel);
    for (const [key, place] of cited) {
      if (!(key in locked.functions))
        problems.push(`${place}: ${kernel.release} ${key} is not in spec/citations.lock.json`);
    }
    const inherited = inheritedBy(sources, kernel);
    for (const key of Object.keys(locked.functions)) {
      if (!cited.has(key) && !inherited.has(key))
        problems.push(`spec/citations.lock.json: nothing cites ${kernel.release} ${key}`);
    }
  }
  return problems;
}

function checkRules({ model, kernels, rules }: Sources): string[] {
  const problems: string[] = [];
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  if (byId.size < rules.length) problems.push('spec/rules.json names a rule twice');
  for (const { id, kernels: where } of rules) {
    for (const name of Object.keys(where)) {
      if (!kernels.some((kernel) => kernel.name === name)) problems.push(`spec/rules.json: ${id}: no kernel ${name}`);
    }
    // A rule keeps its id when a later kernel moves its branch to a function of another name.
    const oldest = kernels.find(({ name }) => name in where);
    const named = where[oldest?.name ?? '']?.function;
    if (named !== undefined && functionName(named) !== id.split('/')[0]) {
      problems.push(`spec/rules.json: ${id} cites ${named} in ${oldest?.name}`);
    }
  }
  for (const kernel of kernels) {
    const declarations = reachable(model, (file) => file.startsWith(folderOf(kernel)));
    const uses = declarations.filter(({ file }) => inModels(file, kernels)).flatMap((one) => one.rules);
    for (const { rule, file, line, within } of uses) {
      const at = `${file}:${line}: ${rule}`;
      if (!byId.has(rule)) problems.push(`${at} is not in spec/rules.json`);
      else if (file.startsWith(folderOf(kernel)) && !(kernel.name in (byId.get(rule) as RuleSpec).kernels)) {
        problems.push(`${at}: spec/rules.json does not say where ${kernel.name} has it`);
      }
      if (within !== undefined && isKernelName(within) && rule.split('/')[0] !== within)
        problems.push(`${at} is named in ${within}`);
    }
    const used = new Set(uses.map(({ rule }) => rule));
    for (const { id, kernels: where } of rules) {
      if (kernel.name in where && !used.has(id))
        problems.push(`spec/rules.json: ${id} is used nowhere in ${kernel.name}`);
    }
  }
  return [...new Set(problems)];
}

/** Constants of a kernel whose file, in a checkout of its tree at `folder`, does not mention them. */
export function checkConstants(folder: string, kernel: KernelSpec): string[] {
  const problems: string[] = [];
  for (const [name, { path, symbol = name }] of Object.entries(kernel.constants)) {
    const file = `${folder}/${path}`;
    const text = existsSync(file) ? readFileSync(file, 'latin1') : '';
    if (!new RegExp(`\\b${symbol}\\b`).test(text))
      problems.push(`${kernel.release}: ${path} does not mention ${symbol}`);
  }
  return problems;
}
