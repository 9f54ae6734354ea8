import { describe, expect, it } from 'vitest';
import { type ModelFile, reachable, readFile } from '../../scripts/model-source.js';

const file = (name: string, text: string): [string, ModelFile] => [name, readFile(name, text)];

describe('readFile', () => {
  it('reads the citation of a function from its doc comment', () => {
    const text =
      '/**\n * Does it.\n * @kernel 4.15.11 net/socket.c SYSCALL_DEFINE2(listen)\n */\nexport function sys_listen() {}';
    expect(readFile('a.ts', text).declarations).toMatchObject([
      {
        name: 'sys_listen',
        isFunction: true,
        exported: true,
        line: 5,
        citations: [{ release: '4.15.11', path: 'net/socket.c', function: 'SYSCALL_DEFINE2(listen)' }],
        malformed: [],
      },
    ]);
  });

  it('reads several citations of one function', () => {
    const text = '/**\n * @kernel 1.0 a/b.c f\n * @kernel 2.0 a/b.h f\n */\nexport const f = () => 0;';
    expect(readFile('a.ts', text).declarations[0]?.citations.map(({ release }) => release)).toEqual(['1.0', '2.0']);
  });

  it('reports a citation without all its parts', () => {
    const text = '/** @kernel 4.15.11 net/socket.c */\nfunction f() {}';
    expect(readFile('a.ts', text).declarations[0]?.malformed).toEqual(['4.15.11 net/socket.c']);
  });

  it('finds rules in calls, in conditionals, in what is transmitted and on their way there', () => {
    const text = `function f(host) {
      host.rule('f/one');
      host.rule(a ? 'f/two' : b ? 'f/three' : 'f/four');
      host.transmit({ peer: 1, rule: 'f/five' });
      const rule = a ? 'f/six' : 'not a rule';
      send(host, 'g/seven-eight');
    }`;
    expect(readFile('a.ts', text).declarations[0]?.rules.map(({ rule, line, within }) => [rule, line, within])).toEqual(
      [
        ['f/one', 2, 'f'],
        ['f/two', 3, 'f'],
        ['f/three', 3, 'f'],
        ['f/four', 3, 'f'],
        ['f/five', 4, 'f'],
        ['f/six', 5, 'f'],
        ['g/seven-eight', 6, 'f'],
      ],
    );
  });

  it('leaves out imports of types', () => {
    const text = `import type { A } from './a.js'; import { type B, c as d } from './b.js'; export { e } from '../e.js';`;
    expect(readFile('x/y.ts', text).imports).toEqual([
      { local: 'd', name: 'c', from: 'x/b.ts', reexported: false },
      { local: 'e', name: 'e', from: 'e.ts', reexported: true },
    ]);
  });
});

describe('reachable', () => {
  const model = new Map([
    file('new/a.ts', `export { f } from '../old/a.js'; import { g } from '../old/b.js'; export function h() { g(); }`),
    file('old/a.ts', `import { i } from './b.js'; export function f() { i(); } export function unused() {}`),
    file('old/b.ts', `export const g = () => j(); export function i() {} function j() {} export function other() {}`),
  ]);

  it('follows re-exports, imports and functions of the same file', () => {
    const names = reachable(model, (name) => name.startsWith('new/')).map(({ name }) => name);
    expect(names.sort()).toEqual(['f', 'g', 'h', 'i', 'j']);
  });

  it('follows a re-export of everything', () => {
    const all = new Map([file('new/a.ts', `export * from '../old/a.js';`), file('old/a.ts', 'export function f() {}')]);
    expect(reachable(all, (name) => name.startsWith('new/')).map(({ name }) => name)).toEqual(['f']);
  });
});
