import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parseDeviations } from '../../src/conformance/index.js';

const schema = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../spec/schema/deviations.schema.json'), 'utf8'),
) as object;

const good = {
  case: 'golden/abort-*',
  rule: 'tcp_check_req/*',
  reason: 'It never resets.',
  link: 'https://example.org/1',
};

describe('a file of known deviations', () => {
  it('is a list of patterns with a reason and a link', () => {
    expect(parseDeviations(JSON.stringify([good]))).toEqual([good]);
    expect(parseDeviations('[]')).toEqual([]);
  });

  const bad: Readonly<Record<string, [unknown, string]>> = {
    'is no list': [{}, '$: expected an array'],
    'gives no reason': [[{ case: 'x', link: good.link }], '$[0].reason: missing'],
    'has an empty reason': [[{ ...good, reason: '' }], '$[0].reason: expected at least 1 characters, got 0'],
    'gives no link': [[{ case: 'x', reason: 'y' }], '$[0].link: missing'],
    'links to nowhere': [[good, { ...good, link: 'see below' }], '$[1].link: expected text that matches'],
    'has a field that nobody knows': [[{ ...good, since: 2020 }], '$[0].since: unknown field'],
  };

  it.each(Object.entries(bad))('is refused with the place when one %s', (_, [value, message]) => {
    expect(() => parseDeviations(JSON.stringify(value))).toThrow(message);
    expect(new Ajv2020().compile(schema)(value)).toBe(false);
  });

  it('is refused when it is no JSON, or when a rule that it names is none', () => {
    expect(() => parseDeviations('[')).toThrow('not JSON');
    expect(() => parseDeviations(JSON.stringify([{ ...good, rule: 'tcp_chek_req/*' }]))).toThrow('$[0].rule: no rule');
  });
});
