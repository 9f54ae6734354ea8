import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AREAS, areaOf, isChanged, titleOf, topicsOf } from '../../scripts/topics.js';
import type { RuleSpec } from '../../src/generated/types.js';

const rule = (id: string, topic: string, kernels: string[], sentence = 'It drops.'): RuleSpec => ({
  id,
  sentence,
  topic,
  kernels: Object.fromEntries(kernels.map((name) => [name, { path: 'net/f.c', function: 'f' }])),
});

describe('topicsOf', () => {
  it('tells what went, what came and what stayed', () => {
    const rules = [
      rule('f/old', 'syn-queue-full', ['1']),
      rule('g/new', 'syn-queue-full', ['2'], 'It answers.'),
      rule('f/both', 'syn-queue-full', ['1', '2']),
    ];
    expect(topicsOf(rules, '1', '2')).toEqual([
      { topic: 'syn-queue-full', before: [rules[0]], after: [rules[1]], altered: [], moved: [], kept: [rules[2]] },
    ]);
  });

  it('tells a rule that says something else in each kernel from one that stayed', () => {
    const one = rule('f/both', 'cookie-age', ['1', '2']);
    const altered = {
      ...one,
      kernels: { ...one.kernels, '2': { path: 'net/f.c', function: 'f', sentence: 'It waits.' } },
    };
    expect(topicsOf([altered], '1', '2')).toMatchObject([{ altered: [altered], kept: [] }]);
  });

  it('sees no change where only the function has another name', () => {
    const rules = [rule('f/drop', 'cookie-age', ['1']), rule('g/drop', 'cookie-age', ['2'])];
    const [topic] = topicsOf(rules, '1', '2');
    expect(topic).toMatchObject({ before: [], after: [], moved: [[rules[0], rules[1]]] });
    expect(topic !== undefined && isChanged(topic)).toBe(false);
  });

  it('puts the areas in their order', () => {
    const rules = ['timer-order', 'listen-limit', 'cookie-age', 'cookie-a'].map((topic) => rule('f/a', topic, ['1']));
    expect(topicsOf(rules, '1', '2').map(({ topic }) => topic)).toEqual([
      'listen-limit',
      'cookie-a',
      'cookie-age',
      'timer-order',
    ]);
  });
});

describe('the topics of the rules', () => {
  it('belong to an area', () => {
    const rules = JSON.parse(readFileSync(new URL('../../spec/rules.json', import.meta.url), 'utf8')) as RuleSpec[];
    expect(rules.filter(({ topic }) => !(areaOf(topic) in AREAS)).map(({ id }) => id)).toEqual([]);
  });
});

describe('titleOf', () => {
  it('writes a topic as a heading', () => {
    expect(titleOf('syn-queue-full')).toBe('Queue full');
    expect(titleOf('connection-ack-number')).toBe('ACK number');
    expect(titleOf('queue-synack-not-sent')).toBe('SYN-ACK not sent');
  });
});
