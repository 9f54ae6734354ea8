/** Reads the models' TypeScript: which functions there are, what kernel functions they cite, and which rules they name. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';

/** What a `@kernel` line says. */
export interface Citation {
  readonly release: string;
  readonly path: string;
  readonly function: string;
}

/** Something at the top level of a file, usually a function. */
export interface Declaration {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly isFunction: boolean;
  readonly exported: boolean;
  readonly citations: readonly Citation[];
  /** Lines that begin with `@kernel` but do not have the three parts. */
  readonly malformed: readonly string[];
  readonly rules: readonly RuleUse[];
  /** Names from the same file or imported ones that it mentions. */
  readonly mentions: ReadonlySet<string>;
}

/** A place where a rule is named. */
export interface RuleUse {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  /** The function around it, if it is in one. */
  readonly within: string | undefined;
}

/** A name that a file takes from another one. */
export interface Import {
  /** As it is called in this file. */
  readonly local: string;
  /** As it is called there; `*`: everything. */
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly from: string;
  /** Handed on under the local name. */
  readonly reexported: boolean;
}

/** A source file. */
export interface ModelFile {
  readonly file: string;
  readonly declarations: readonly Declaration[];
  readonly imports: readonly Import[];
}

const RULE_ID = /^[A-Za-z_]\w*\/[a-z0-9]+(-[a-z0-9]+)*$/;

/** The files below `folder` (relative to `root`), by name, in the order of their names. */
export function readModel(root: string, folder: string): Map<string, ModelFile> {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .sort();
  return new Map(files.map((file) => [file, readFile(file, readFileSync(join(root, file), 'utf8'))]));
}

/** What the file `file` with this text declares, imports and mentions. */
export function readFile(file: string, text: string): ModelFile {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const declarations: Declaration[] = [];
  const imports: Import[] = [];
  const declare = (node: ts.Node, name: string, isFunction: boolean, body: ts.Node): void => {
    const { citations, malformed } = kernelTags(node);
    const mentions = new Set<string>();
    const rules: RuleUse[] = [];
    const within = isFunction ? name : undefined;
    const visit = (inner: ts.Node): void => {
      if (ts.isIdentifier(inner)) mentions.add(inner.text);
      const rule = ruleNamedBy(inner);
      if (rule !== undefined) rules.push({ rule, file, line: lineOf(inner), within });
      ts.forEachChild(inner, visit);
    };
    visit(body);
    const exported = ts.canHaveModifiers(node) && hasExport(ts.getModifiers(node));
    declarations.push({ file, line: lineOf(node), name, isFunction, exported, citations, malformed, rules, mentions });
  };
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) {
      declare(statement, statement.name.text, true, statement);
    } else if (ts.isVariableStatement(statement)) {
      for (const one of statement.declarationList.declarations) {
        const value = one.initializer;
        const isFunction = value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value));
        if (ts.isIdentifier(one.name)) declare(statement, one.name.text, isFunction, one);
      }
    } else if (ts.isClassDeclaration(statement) && statement.name !== undefined) {
      declare(statement, statement.name.text, false, statement);
    } else if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
      imports.push(...importsOf(statement, file));
    }
  }
  return { file, declarations, imports };
}

const hasExport = (modifiers: readonly ts.Modifier[] | undefined): boolean =>
  modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) ?? false;

/** The `@kernel <release> <path> <function>` lines of a declaration's doc comment. */
function kernelTags(node: ts.Node): Pick<Declaration, 'citations' | 'malformed'> {
  const citations: Citation[] = [];
  const malformed: string[] = [];
  for (const tag of ts.getJSDocTags(node)) {
    if (tag.tagName.text !== 'kernel') continue;
    const text = (ts.getTextOfJSDocComment(tag.comment) ?? '').trim();
    const parts = /^(\S+)\s+(\S+\.[ch])\s+(\w+|SYSCALL_DEFINE\d\(\w+\))$/.exec(text);
    if (parts === null) malformed.push(text);
    else citations.push({ release: parts[1] as string, path: parts[2] as string, function: parts[3] as string });
  }
  return { citations, malformed };
}

/** Every text with the form of a rule's name is one: in `host.rule('…')`, as the rule of a segment, or on its way to either. */
const ruleNamedBy = (node: ts.Node): string | undefined =>
  ts.isStringLiteralLike(node) && RULE_ID.test(node.text) ? node.text : undefined;

function importsOf(statement: ts.ImportDeclaration | ts.ExportDeclaration, file: string): Import[] {
  const specifier = statement.moduleSpecifier;
  if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return [];
  const from = posix.join(dirname(file), specifier.text).replace(/\.js$/, '.ts');
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    if (exportClause === undefined) return [{ local: '*', name: '*', from, reexported: true }];
    if (!ts.isNamedExports(exportClause)) return [];
    return exportClause.elements
      .filter((one) => !one.isTypeOnly && !statement.isTypeOnly)
      .map((one) => ({ local: one.name.text, name: (one.propertyName ?? one.name).text, from, reexported: true }));
  }
  const clause = statement.importClause;
  const bindings = clause?.namedBindings;
  if (clause === undefined || clause.phaseModifier === ts.SyntaxKind.TypeKeyword || bindings === undefined) return [];
  if (!ts.isNamedImports(bindings)) return [{ local: bindings.name.text, name: '*', from, reexported: false }];
  return bindings.elements
    .filter((one) => !one.isTypeOnly)
    .map((one) => ({ local: one.name.text, name: (one.propertyName ?? one.name).text, from, reexported: false }));
}

/**
 * Every declaration that code in files for which `starts` holds can reach by mentioning it, directly or through others.
 * An over-approximation: a mention need not be a call.
 */
export function reachable(model: ReadonlyMap<string, ModelFile>, starts: (file: string) => boolean): Declaration[] {
  const reached = new Map<string, Declaration>();
  const pending: Declaration[] = [];
  const reach = (file: string, name: string): void => {
    const known = model.get(file);
    if (known === undefined) return;
    for (const one of known.declarations) {
      if ((one.name !== name && name !== '*') || reached.has(`${file}#${one.name}`)) continue;
      reached.set(`${file}#${one.name}`, one);
      pending.push(one);
    }
    for (const one of known.imports) {
      if (one.reexported && (one.local === name || one.local === '*' || name === '*')) {
        reach(one.from, one.local === '*' ? name : one.name);
      }
    }
  };
  for (const { file, declarations, imports } of model.values()) {
    if (!starts(file)) continue;
    for (const one of declarations) reach(file, one.name);
    for (const one of imports) if (one.reexported) reach(one.from, one.name);
  }
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { file, mentions } = next;
    for (const name of mentions) reach(file, name);
    for (const one of model.get(file)?.imports ?? []) if (mentions.has(one.local)) reach(one.from, one.name);
  }
  return [...reached.values()];
}
