import { describe, expect, it } from 'vitest';
import { cFunctions, findCFunction, functionName, linesOf } from '../../scripts/c-functions.js';

const names = (source: string) => cFunctions(source).map(({ name, lines }) => [name, ...lines]);

describe('cFunctions', () => {
  it('gives a function from the first line of its head to its closing brace', () => {
    const source = ['/* about f */', 'static inline', 'struct sock *f(int a,', '               int b)', '{', '}', ''];
    expect(names(source.join('\n'))).toEqual([['f', 2, 6]]);
  });

  it('finds a body that opens on the last line of its head, and one that is a single line', () => {
    expect(
      names('int f(int a) {\n  return 0;\n}\nstatic inline int g(void) { return 0; }\nvoid h(void)\n{ }\n'),
    ).toEqual([
      ['f', 1, 3],
      ['g', 4, 4],
      ['h', 5, 6],
    ]);
  });

  it('takes no notice of braces in comments, strings, character constants and directives', () => {
    const body = [
      'int f(void)',
      '{',
      '/*',
      '}',
      '*/',
      '  g("}\\"", \'}\');',
      '#if A {',
      '#else \\',
      '}',
      '#endif',
      '}',
    ];
    expect(names(body.join('\n'))).toEqual([['f', 1, 11]]);
  });

  it('finds no function in types, initialised variables, declarations and calls of macros', () => {
    const source = [
      'struct s {',
      '  int (*f)(void);',
      '};',
      'static const struct s t = {',
      '  .f = g(1),',
      '};',
      'int declared(int a);',
      'EXPORT_SYMBOL(declared);',
      'static DEFINE_PER_CPU(struct s, u) = {',
      '};',
    ];
    expect(names(source.join('\n'))).toEqual([]);
  });

  it('looks through attributes to the name', () => {
    expect(names('__attribute__((a(1))) int f(void)\n{\n}\nvoid g(int a)\n\t__releases(a)\n{\n}\n')).toEqual([
      ['f', 1, 3],
      ['g', 4, 7],
    ]);
  });

  it('finds macros that take arguments, with their continued lines', () => {
    expect(names('#define f(a) \\\n  g(a) \\\n  + 1\nint x;\n#define N 1\n')).toEqual([['f', 1, 3]]);
  });

  it('knows a system call by its entry point', () => {
    const source = 'SYSCALL_DEFINE2(listen, int, fd, int, backlog)\n{\n}\n';
    expect(findCFunction(source, 'sys_listen')?.lines).toEqual([1, 3]);
    expect(findCFunction(source, 'SYSCALL_DEFINE2(listen)')?.lines).toEqual([1, 3]);
    expect(functionName('SYSCALL_DEFINE2(listen)')).toBe('sys_listen');
  });

  it('prefers the first of several definitions', () => {
    const source = '#ifdef A\nint f(void)\n{\n  return 1;\n}\n#else\nint f(void) { return 0; }\n#endif\n';
    expect(findCFunction(source, 'f')?.lines).toEqual([2, 5]);
    expect(findCFunction(source, 'g')).toBeUndefined();
  });
});

describe('linesOf', () => {
  it('keeps the line ends, the last one too', () => {
    expect(linesOf('a\nb\r\nc\nd', [2, 3])).toBe('b\r\nc\n');
  });
});
