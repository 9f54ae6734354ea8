/** Compiled copies of source files, in folders of their own: quick, as types are not looked at. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** Writes what the TypeScript file `file` with this text compiles to, below `folder`. */
export function writeCompiled(folder: string, file: string, text: string): void {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
  });
  const path = join(folder, file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, outputText);
}

/** Writes what all TypeScript files in the folder `part` of `root` compile to, below `folder`. */
export function writeCompiledFolder(folder: string, root: string, part: string): void {
  for (const name of readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ts')) writeCompiled(folder, join(part, name), readFileSync(join(root, part, name), 'utf8'));
  }
}
