/** What is wrong with a value that was read: where in it, and in a sentence that can be shown to anybody. */

import type * as z from 'zod';

/** Why a value was refused. */
export interface Problem {
  /** JSON path of the offending value, as in `$.out[3].flags`; empty when it is not about a value. */
  readonly path: string;
  /** What is wrong, in printable ASCII. */
  readonly message: string;
}

type Key = PropertyKey;

/** A problem of the value that `keys` lead to. */
export function problemAt(keys: readonly Key[], message: string): Problem {
  return { path: `$${keys.map(step).join('')}`, message };
}

/** A value from outside in a message: short, and without anything that a terminal would obey. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'a number out of range';
  if (typeof value !== 'string') return String(value);
  const text = value.length > 60 ? `${value.slice(0, 60)}...` : value;
  return printable(JSON.stringify(text));
}

/** The first of zod's issues with `value`, as a problem. */
export function explain(issues: readonly z.core.$ZodIssue[], value: unknown): Problem {
  const issue = issues[0] as z.core.$ZodIssue;
  if (issue.code === 'unrecognized_keys') {
    return problemAt([...issue.path, issue.keys[0] as string], 'unknown field');
  }
  const found = follow(value, issue.path);
  if (found === undefined && issue.code !== 'invalid_key') return problemAt(issue.path, 'missing');
  const got = issue.code === 'invalid_key' ? '' : `, got ${describe(found, issue)}`;
  return problemAt(issue.path, `expected ${expectation(issue)}${got}`);
}

/** What would have been right. */
function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' || issue.expected === 'number' ? 'an integer' : `${article(issue.expected)}`;
    case 'too_small':
    case 'too_big':
      return limits(issue);
    case 'invalid_value':
      return oneOf(issue.values.map((value) => (typeof value === 'string' ? quote(value) : String(value))));
    case 'invalid_format':
      return `text that matches ${String('pattern' in issue ? issue.pattern : issue.format)}`;
    case 'invalid_key':
      return `a name: ${expectation(issue.issues[0] as z.core.$ZodIssue)}`;
    case 'invalid_union':
      return oneOf(issue.errors.map((branch) => expectation(branch[0] as z.core.$ZodIssue)));
    default:
      return `something else (${printable(issue.message)})`;
  }
}

function limits(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const unit = { string: ' characters', array: ' items', object: ' fields' }[issue.origin as string] ?? '';
  return issue.code === 'too_small' ? `at least ${issue.minimum}${unit}` : `at most ${issue.maximum}${unit}`;
}

function article(type: string): string {
  const name = type === 'record' ? 'object' : type === 'string' ? 'text' : type;
  return name === 'text' ? name : `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** What there was instead: a length where the length was wrong, otherwise the value. */
function describe(value: unknown, issue: z.core.$ZodIssue): string {
  const isLimit = issue.code === 'too_small' || issue.code === 'too_big';
  if (isLimit && (typeof value === 'string' || Array.isArray(value))) return String(value.length);
  if (isLimit && typeof value === 'object' && value !== null) return String(Object.keys(value).length);
  return quote(value);
}

function oneOf(choices: readonly string[]): string {
  if (choices.length === 1) return choices[0] as string;
  return `${choices.slice(0, -1).join(', ')} or ${choices[choices.length - 1]}`;
}

/** The value at the end of a path; undefined: there is none. */
function follow(value: unknown, path: readonly Key[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<Key, unknown>)[key];
  }
  return found;
}

function step(key: Key): string {
  if (typeof key === 'number') return `[${key}]`;
  const name = String(key);
  return /^[A-Za-z_]\w*$/.test(name) && name !== '__proto__' ? `.${name}` : `[${quote(name)}]`;
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
