/**
 * Mutants of a source file. Of a model: for every place that names a rule, the decision that leads there is inverted or
 * loses one of its conditions, its branch is removed, and its branch is emptied of everything but the rules' names.
 * Of the release of a later kernel: it has an earlier function in the place of one of its own.
 * Of any other file: every decision is inverted or loses one of its conditions.
 */

import ts from 'typescript';

const RULE_ID = /^[A-Za-z_]\w*\/[a-z0-9-]+$/;

/** A source file in which one decision is wrong. */
export interface Mutant {
  /** Relative to the root of the repository. */
  readonly file: string;
  /** What is wrong, unique within the repository: the file, the function, and what is inverted or removed there. */
  readonly name: string;
  /** The rules to which the decision leads. */
  readonly rules: ReadonlySet<string>;
  /** The whole file. */
  readonly text: string;
}

interface Edit {
  /** In words. */
  readonly what: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

interface Place {
  readonly edit: Edit;
  readonly within: string;
  readonly rules: Set<string>;
}

/** The mutants of the file `file` of a model with this text, in the order of the places. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = new Map<string, Place>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isStringLiteralLike(node) && RULE_ID.test(node.text)) {
      for (const edit of editsFor(node, source)) {
        const key = `${edit.start} ${edit.end} ${edit.replacement}`;
        const known = found.get(key) ?? { edit, within: enclosing(node), rules: new Set() };
        known.rules.add(node.text);
        found.set(key, known);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutantsAt([...found.values()], file, text);
}

/** The mutants of a later kernel's release.ts: in each it has the earlier kernel's function, or number, in the place of one of its own. */
export function mutantsOfRelease(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Place[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node) && node.properties.some(ts.isSpreadAssignment)) {
      for (const one of node.properties) {
        if (!ts.isShorthandPropertyAssignment(one) && !ts.isPropertyAssignment(one)) continue;
        const name = one.name.getText(source);
        const end = text.startsWith(',', one.end) ? one.end + 1 : one.end;
        const edit = { what: `${name} as it was`, start: one.getStart(source), end, replacement: '' };
        found.push({ edit, within: enclosing(one), rules: new Set() });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutantsAt(found, file, text);
}

/** The mutants of a file that need not name a rule, in the order of the decisions. */
export function mutantsOfDecisions(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Place[] = [];
  const visit = (node: ts.Node): void => {
    const condition = decisionOf(node);
    for (const edit of condition === undefined ? [] : wrong(condition, source)) {
      found.push({ edit, within: enclosing(node), rules: new Set() });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutantsAt(found, file, text);
}

function mutantsAt(places: readonly Place[], file: string, text: string): Mutant[] {
  const names = new Map<string, number>();
  return places.map(({ edit, within, rules }) => {
    const name = `${file.replace(/^src\//, '')} ${within}: ${edit.what}`;
    const before = names.get(name) ?? 0;
    names.set(name, before + 1);
    return {
      file,
      name: before === 0 ? name : `${name} (${before + 1})`,
      rules,
      text: text.slice(0, edit.start) + edit.replacement + text.slice(edit.end),
    };
  });
}

/** The name of the function or class member around a node, or that of the declaration at the top of the file. */
export function enclosing(node: ts.Node): string {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    const holder = at.parent?.parent;
    const top = holder !== undefined && ts.isVariableStatement(holder);
    const named = ts.isFunctionDeclaration(at) || ts.isMethodDeclaration(at) || top;
    if (named && 'name' in at && at.name !== undefined) return (at.name as ts.Node).getText();
  }
  return 'top';
}

/** What can be made wrong about the way to `place`: the choice between two rules, and the nearest decision about what happens. */
function editsFor(place: ts.Node, source: ts.SourceFile): Edit[] {
  const edits: Edit[] = [];
  for (let node = place; ; node = node.parent) {
    const { parent } = node;
    if (ts.isConditionalExpression(parent) && node !== parent.condition) {
      edits.push(...wrong(parent.condition, source));
    } else if (isShortcut(parent) && node === parent.right) {
      return [...edits, ...wrong(parent.left, source)];
    } else if (ts.isIfStatement(parent) && node !== parent.expression) {
      const branch = node === parent.elseStatement ? 'else' : 'then';
      return [
        ...edits,
        ...wrong(parent.expression, source),
        emptied(node, `${branch} of if (${brief(parent.expression.getText())})`),
        ...(ts.isBlock(node)
          ? hollowed(node.statements, `${branch} of if (${brief(parent.expression.getText())})`)
          : []),
      ];
    } else if (ts.isCaseOrDefaultClause(parent)) {
      return [...edits, ...ofClause(parent, source)];
    } else if (ts.isIterationStatement(parent, false)) {
      const condition = conditionOf(parent);
      const loop = `body of the loop${condition === undefined ? '' : ` over ${brief(condition.getText())}`}`;
      if (condition !== undefined) edits.push(...wrong(condition, source));
      return [...edits, emptied(node, loop), ...(ts.isBlock(node) ? hollowed(node.statements, loop) : [])];
    } else if (ts.isBlock(parent)) {
      const { statements } = parent;
      const index = statements.indexOf(node as ts.Statement);
      const guard = statements.slice(0, index).findLastIndex(isGuard);
      const last = statements.at(-1) as ts.Statement;
      if (guard >= 0) {
        const { expression } = statements[guard] as ts.IfStatement;
        const tail = statements.slice(guard + 1);
        const what = `all after if (${brief(expression.getText())})`;
        return [
          ...edits,
          ...wrong(expression, source),
          removed(tail[0] as ts.Statement, last, what),
          ...hollowed(tail, what),
        ];
      }
      if (ts.isFunctionLike(parent.parent)) {
        const what = 'all from here on';
        return [...edits, removed(node, last, what), ...hollowed(statements.slice(index), what)];
      }
    } else if (ts.isFunctionLike(parent) || ts.isSourceFile(parent)) {
      return edits;
    }
  }
}

const isShortcut = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) &&
  (node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    node.operatorToken.kind === ts.SyntaxKind.BarBarToken);

/** An `if` after which the way goes on only when its condition does not hold. */
function isGuard(node: ts.Statement): boolean {
  if (!ts.isIfStatement(node) || node.elseStatement !== undefined) return false;
  const then = node.thenStatement;
  const last = ts.isBlock(then) ? then.statements.at(-1) : then;
  return (
    last !== undefined &&
    (ts.isReturnStatement(last) ||
      ts.isContinueStatement(last) ||
      ts.isBreakStatement(last) ||
      ts.isThrowStatement(last))
  );
}

/** What a statement or an expression decides by. */
function decisionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node)) return node.expression;
  if (ts.isConditionalExpression(node)) return node.condition;
  return ts.isIterationStatement(node, false) ? conditionOf(node) : undefined;
}

function conditionOf(loop: ts.IterationStatement): ts.Expression | undefined {
  if (ts.isForStatement(loop)) return loop.condition;
  return ts.isWhileStatement(loop) || ts.isDoStatement(loop) ? loop.expression : undefined;
}

/** A case that is never chosen, and one in which nothing happens. */
function ofClause(clause: ts.CaseOrDefaultClause, source: ts.SourceFile): Edit[] {
  const label = ts.isCaseClause(clause) ? `case ${brief(clause.expression.getText())}` : 'default';
  const edits: Edit[] = [];
  if (ts.isCaseClause(clause)) {
    const start = clause.expression.getStart(source);
    edits.push({ what: `${label} never chosen`, start, end: clause.expression.end, replacement: 'NaN' });
  }
  const [first] = clause.statements;
  const last = clause.statements.at(-1);
  if (first !== undefined && last !== undefined) {
    edits.push({ what: `${label} removed`, start: first.getStart(source), end: last.end, replacement: 'break;' });
    edits.push(...hollowed(clause.statements, label));
  }
  return edits;
}

/** A condition inverted and, where it is made of several, without each of them. */
function wrong(condition: ts.Expression, source: ts.SourceFile): Edit[] {
  const start = condition.getStart(source);
  const { end } = condition;
  const edits = [
    { what: `${brief(condition.getText())} inverted`, start, end, replacement: `!(${condition.getText(source)})` },
  ];
  if (!isShortcut(condition)) return edits;
  const parts = operands(condition, condition.operatorToken.kind);
  const sign = condition.operatorToken.getText(source);
  for (const part of parts) {
    const others = parts.filter((one) => one !== part).map((one) => `(${one.getText(source)})`);
    edits.push({ what: `${brief(part.getText())} left out`, start, end, replacement: others.join(` ${sign} `) });
  }
  return edits;
}

/** The operands of a chain of one operator. */
function operands(node: ts.Expression, operator: ts.SyntaxKind): ts.Expression[] {
  if (!isShortcut(node) || node.operatorToken.kind !== operator) return [node];
  return [...operands(node.left, operator), ...operands(node.right, operator)];
}

const emptied = (node: ts.Node, what: string): Edit => ({
  what: `${what} removed`,
  start: node.getStart(),
  end: node.end,
  replacement: '{}',
});

const removed = (first: ts.Node, last: ts.Node, what: string): Edit => ({
  what: `${what} removed`,
  start: first.getStart(),
  end: last.end,
  replacement: '',
});

/** Nothing is left of `statements` but the rules that they name, and variables. */
function hollowed(statements: readonly ts.Statement[], what: string): Edit[] {
  const [first] = statements;
  const last = statements.at(-1);
  const left = statements.filter((one) => isRuleCall(one) || ts.isVariableStatement(one)).map((one) => one.getText());
  const given = statements.filter((one) => !isRuleCall(one)).flatMap(ruleGiven);
  if (first === undefined || last === undefined || left.length === statements.length) return [];
  if (given.length === 0 && !statements.some(isRuleCall)) return [];
  const replacement = [...left, ...given.filter((one) => !left.includes(one))].join('\n');
  return [{ what: `${what} emptied`, start: first.getStart(), end: last.end, replacement }];
}

function isRuleCall(node: ts.Statement): boolean {
  return (
    ts.isExpressionStatement(node) &&
    ts.isCallExpression(node.expression) &&
    ts.isPropertyAccessExpression(node.expression.expression) &&
    node.expression.expression.name.text === 'rule'
  );
}

/** A call that names the rule which a statement hands to another function. */
function ruleGiven(statement: ts.Statement): string[] {
  if (!ts.isExpressionStatement(statement) && !ts.isReturnStatement(statement)) return [];
  const { expression } = statement;
  if (expression === undefined || !ts.isCallExpression(expression)) return [];
  const rule = expression.arguments.find((one) => ts.isStringLiteralLike(one) && RULE_ID.test(one.text));
  return rule === undefined ? [] : [`host.rule(${rule.getText()});`];
}

/** A text on one line, cut where it is long. */
export function brief(code: string): string {
  const text = code.replaceAll(/\s+/g, ' ');
  return text.length <= 80 ? text : `${text.slice(0, 78)}…`;
}
