/** Finds function definitions in kernel C: a name and the lines from the first of its head to its closing brace. */

/** A definition in a C file. */
export interface CFunction {
  /** As a caller writes it; `sys_listen` for `SYSCALL_DEFINE2(listen, …)`. */
  readonly name: string;
  /** First and last line, counted from 1. */
  readonly lines: readonly [number, number];
}

const ATTRIBUTE = /\b(?:__attribute__|__acquires|__releases|__must_hold|__section|__aligned)\s*\(/;

/**
 * Every function and function-like macro that `source` defines at file level, in the order of the file. A name can occur more
 * than once where the preprocessor chooses between definitions. Follows the kernel's coding style: the body begins with the
 * brace that opens column 0 or ends the head's last line, and ends with the next brace that closes column 0.
 */
export function cFunctions(source: string): CFunction[] {
  const plain = withoutComments(source).split('\n');
  const found = macros(plain);
  const code = withoutDirectives(plain);
  for (let i = 0; i < code.length; i++) {
    const line = code[i] as string;
    const opens = line.startsWith('{') || (/^[A-Za-z_]/.test(line) && line.includes('{'));
    const continues = /^\s.*\)\s*\{\s*$/.test(line) || /^\s.*\)\s*\{.*\}\s*$/.test(line);
    if (!opens && !(continues && headStart(code, i) < i)) continue;
    const first = headStart(code, i);
    const last = bodyEnd(code, i);
    if (last === undefined) continue;
    const head = [...code.slice(first, i), line.slice(0, line.indexOf('{'))].join(' ');
    const name = definedName(head);
    if (name !== undefined) found.push({ name, lines: [first + 1, last + 1] });
    i = last;
  }
  return found.sort((a, b) => a.lines[0] - b.lines[0]);
}

/** The first definition of `name`; a name in the form `SYSCALL_DEFINE2(listen)` means `sys_listen`. */
export function findCFunction(source: string, name: string): CFunction | undefined {
  const wanted = functionName(name);
  return cFunctions(source).find((one) => one.name === wanted);
}

/** `sys_listen` for `SYSCALL_DEFINE2(listen)`, anything else as it is. */
export function functionName(written: string): string {
  const call = /^SYSCALL_DEFINE\d\(\s*(\w+)[^)]*\)?$/.exec(written);
  return call === null ? written : `sys_${call[1]}`;
}

/** The lines `first` to `last` (counted from 1) with their line ends. */
export function linesOf(source: string, [first, last]: readonly [number, number]): string {
  return `${source
    .split('\n')
    .slice(first - 1, last)
    .join('\n')}\n`;
}

/** Comments, strings and character constants become spaces, so that a brace or a quote in them means nothing. */
function withoutComments(source: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;
  return source.replace(token, (text) => text.replace(/[^\n]/g, ' '));
}

/** Blanks every preprocessor line, together with the lines that a backslash joins to it. */
function withoutDirectives(lines: readonly string[]): string[] {
  let joined = false;
  return lines.map((line) => {
    const directive = joined || /^\s*#/.test(line);
    joined = directive && line.trimEnd().endsWith('\\');
    return directive ? '' : line;
  });
}

function macros(lines: readonly string[]): CFunction[] {
  const found: CFunction[] = [];
  for (let i = 0; i < lines.length; i++) {
    const name = /^\s*#\s*define\s+(\w+)\(/.exec(lines[i] as string)?.[1];
    if (name === undefined) continue;
    const first = i;
    while (lines[i]?.trimEnd().endsWith('\\')) i++;
    found.push({ name, lines: [first + 1, i + 1] });
  }
  return found;
}

/** The first line of the declaration that line `i` belongs to: everything up to the end of whatever stands before it. */
function headStart(code: readonly string[], i: number): number {
  let first = i;
  if ((code[i] as string).startsWith('{')) while (first > 0 && (code[first - 1] as string).trim() === '') first--;
  while (first > 0) {
    const before = (code[first - 1] as string).trimEnd();
    if (before === '' || /[;}]$/.test(before) || /^\w+:$/.test(before)) break;
    first--;
  }
  return first;
}

function bodyEnd(code: readonly string[], i: number): number | undefined {
  const line = code[i] as string;
  if ((line.match(/\{/g)?.length ?? 0) === (line.match(/\}/g)?.length ?? 0)) return i;
  for (let end = i + 1; end < code.length; end++) if ((code[end] as string).startsWith('}')) return end;
  return undefined;
}

/** The function that `head` declares; undefined for a type, an initialised variable, or anything else with braces. */
function definedName(head: string): string | undefined {
  const text = withoutAttributes(head);
  const declared = /^([^(=]*?)\b(\w+)\s*\(/.exec(text);
  if (declared === null || /\)[^()]*=/.test(text)) return undefined;
  const name = declared[2] as string;
  if (/^SYSCALL_DEFINE\d$/.test(name)) return functionName(text.trim());
  return (declared[1] as string).trim() === '' ? undefined : name;
}

/** Takes out `__attribute__((…))` and its like, which look like calls. */
function withoutAttributes(head: string): string {
  let text = head;
  for (let at = text.search(ATTRIBUTE); at >= 0; at = text.search(ATTRIBUTE)) {
    let depth = 0;
    let end = text.indexOf('(', at);
    do {
      if (text[end] === '(') depth++;
      if (text[end] === ')') depth--;
      end++;
    } while (depth > 0 && end < text.length);
    text = `${text.slice(0, at)} ${text.slice(end)}`;
  }
  return text;
}
