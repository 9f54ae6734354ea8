/** Which mutants a source file has. */

import { describe, expect, it } from 'vitest';
import { mutantsOf, mutantsOfDecisions, mutantsOfRelease } from '../../scripts/mutants.js';

/** The mutants of a function with this body: what is wrong, and the body without spaces. */
function mutants(body: string): [what: string, body: string][] {
  const head = 'function f(host) {';
  return mutantsOf('src/m.ts', `${head}${body}}`).map(({ name, text }) => [
    name.replace('m.ts f: ', ''),
    text.slice(head.length, -1).replaceAll(/\s/g, ''),
  ]);
}

describe('mutants', () => {
  it('of a branch: the condition inverted, the branch removed and emptied', () => {
    expect(mutants("if (a) { host.rule('f/x'); go(); } stay();")).toEqual([
      ['a inverted', "if(!(a)){host.rule('f/x');go();}stay();"],
      ['then of if (a) removed', 'if(a){}stay();'],
      ['then of if (a) emptied', "if(a){host.rule('f/x');}stay();"],
    ]);
  });

  it('of a branch with nothing but a rule: no emptied one', () => {
    expect(mutants("if (a) go(); else host.rule('f/x');").map(([what]) => what)).toEqual([
      'a inverted',
      'else of if (a) removed',
    ]);
  });

  it('of a condition with several parts: without each of them', () => {
    expect(mutants("if (a && (b || c)) host.rule('f/x');").map(([, body]) => body)).toEqual([
      "if(!(a&&(b||c)))host.rule('f/x');",
      "if(((b||c)))host.rule('f/x');",
      "if((a))host.rule('f/x');",
      'if(a&&(b||c)){}',
    ]);
  });

  it('of what comes after a guard: the guard inverted, the rest removed and emptied', () => {
    expect(mutants("if (a) return; const b = go(); stay(); host.rule('f/x');")).toEqual([
      ['a inverted', "if(!(a))return;constb=go();stay();host.rule('f/x');"],
      ['all after if (a) removed', 'if(a)return;'],
      ['all after if (a) emptied', "if(a)return;constb=go();host.rule('f/x');"],
    ]);
  });

  it('of a choice between two rules: the choice inverted, too, once', () => {
    expect(mutants("if (a) host.rule(b ? 'f/x' : 'f/y');").map(([what]) => what)).toEqual([
      'b inverted',
      'a inverted',
      'then of if (a) removed',
    ]);
  });

  it('of a case: never chosen, removed, emptied', () => {
    expect(mutants("switch (a) { case 1: host.rule('f/x'); return 1; }").map(([, body]) => body)).toEqual([
      "switch(a){caseNaN:host.rule('f/x');return1;}",
      'switch(a){case1:break;}',
      "switch(a){case1:host.rule('f/x');}",
    ]);
  });

  it('of a rule that is handed to another function: its name is left', () => {
    expect(mutants("if (a) { reset(host, 'f/x'); }").at(-1)).toEqual([
      'then of if (a) emptied',
      "if(a){host.rule('f/x');}",
    ]);
  });

  it('have rules, and none comes from an import, a type or a text that names no rule', () => {
    const [mutant] = mutantsOf(
      'src/m.ts',
      "import x from 'f/x';\ntype A = 'f/y';\nfunction f() { if (a) host.rule('f/z'); }",
    );
    expect(mutant?.rules).toEqual(new Set(['f/z']));
    expect(mutants("if (a) host.rule('no rule');")).toEqual([]);
  });

  it('of the same decision in one function have different names', () => {
    const names = mutants("if (a) host.rule('f/x'); if (a) host.rule('f/y');").map(([what]) => what);
    expect(names).toEqual(['a inverted', 'then of if (a) removed', 'a inverted (2)', 'then of if (a) removed (2)']);
  });

  it('of a file that names no rules: every decision inverted, and without each of its conditions', () => {
    const text = 'function f() { if (a && b) return c ? 1 : 2; while (d) go(); return x && y; }';
    expect(mutantsOfDecisions('src/m.ts', text).map(({ name }) => name.replace('m.ts f: ', ''))).toEqual([
      'a && b inverted',
      'a left out',
      'b left out',
      'c inverted',
      'd inverted',
    ]);
  });
});

describe('mutants of the release of a later kernel', () => {
  it('have one function or number fewer of its own each', () => {
    const text = 'const release = { ...earlier, size: sizes.SIZE.value, tcp_ack, timers: () => new Timers(), };';
    expect(mutantsOfRelease('src/linux-9.9/release.ts', text).map(({ name, text }) => [name, text.slice(29)])).toEqual([
      ['linux-9.9/release.ts release: size as it was', '  tcp_ack, timers: () => new Timers(), };'],
      ['linux-9.9/release.ts release: tcp_ack as it was', ' size: sizes.SIZE.value,  timers: () => new Timers(), };'],
      ['linux-9.9/release.ts release: timers as it was', ' size: sizes.SIZE.value, tcp_ack,  };'],
    ]);
  });

  it('are none of the oldest, which has nothing earlier', () => {
    expect(mutantsOfRelease('src/linux-9.9/release.ts', 'const release = { tcp_ack };')).toEqual([]);
  });
});
