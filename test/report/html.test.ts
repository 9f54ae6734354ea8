import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { htmlReport } from '../../src/report/html.js';
import type { Timeline } from '../../src/timeline/timeline.js';

const HOSTILE = '</pre></title><script>alert(1)</script><img src=x onerror=alert(2)>"\'&\u0000';

const timeline: Timeline = {
  kernel: '4.15',
  title: HOSTILE,
  from: 0,
  until: 1_000_000,
  samples: [{ at: 0, synQueue: 1, young: 1, acceptQueue: 0, synLimit: 1, acceptLimit: 2 }],
  marks: [{ at: 5, kind: 'reset', count: 1, rule: 'tcp_v4_do_rcv/reset-from-listener', peer: 1 }],
};

const page = htmlReport({
  title: HOSTILE,
  summary: [HOSTILE, 'two'],
  of: 'trace',
  cases: [
    { name: 'good', results: [{ kernel: '4.15', word: 'conforms', tone: 'good', timeline }] },
    { name: HOSTILE, results: [{ kernel: '4.15', word: 'is undecided', tone: 'unsure', explanation: ['perhaps'] }] },
    {
      name: 'bad',
      results: [
        { kernel: '2.6.32', word: 'conforms', tone: 'good' },
        { kernel: HOSTILE, word: 'violates', tone: 'bad', explanation: ['why', HOSTILE], timeline },
      ],
    },
  ],
});

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The elements of the page and its text, as Python's parser finds them. */
function parsed(html: string): { elements: Element[]; text: string; open: string[] } {
  const program = `import sys, json
from html.parser import HTMLParser
VOID = ['meta', 'img', 'br']
class P(HTMLParser):
    def __init__(self):
        super().__init__(); self.elements = []; self.text = ''; self.open = []
    def handle_starttag(self, tag, attrs):
        self.elements.append({'tag': tag, 'attributes': dict(attrs)})
        if tag not in VOID: self.open.append(tag)
    def handle_startendtag(self, tag, attrs): self.elements.append({'tag': tag, 'attributes': dict(attrs)})
    def handle_endtag(self, tag):
        if self.open[-1:] == [tag]: self.open.pop()
        else: self.open.append('/' + tag)
    def handle_data(self, data): self.text += data
p = P(); p.feed(sys.stdin.buffer.read().decode()); print(json.dumps({'elements': p.elements, 'text': p.text, 'open': p.open}))`;
  return JSON.parse(execFileSync('python3', ['-c', program], { input: html, encoding: 'utf8' }));
}

describe('an HTML report', () => {
  const { elements, text, open } = parsed(page);

  it('takes all that it is given for text, wherever it stands', () => {
    expect(open).toEqual([]);
    expect(new Set(elements.map(({ tag }) => tag))).not.toContain('script');
    expect(new Set(elements.map(({ tag }) => tag))).not.toContain('img');
    for (const { attributes } of elements)
      expect(Object.keys(attributes).filter((name) => name.startsWith('on'))).toEqual([]);
    expect(text.split('<script>alert(1)</script>').length).toBeGreaterThan(6);
    expect(page).not.toContain('\u0000');
  });

  it('loads nothing and allows no script', () => {
    const policy = elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    expect(policy?.attributes['content']).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/);
    for (const { attributes } of elements) {
      for (const name of ['href', 'src', 'action']) expect(attributes[name] ?? '#').toMatch(/^#/);
    }
    expect(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|@import|url\((?!#)/);
  });

  it('tells failures first, then what is not known, and folds up what is as expected', () => {
    const order = [...page.matchAll(/<(h3|summary)[^>]*>.*?<\/span> (.{3})/g)].map(([, tag, name]) => `${tag} ${name}`);
    expect(order).toEqual(['h3 bad', 'h3 &lt', 'summary goo']);
    const rows = [...page.matchAll(/<th scope="row">(.{3})/g)].map(([, name]) => name);
    expect(rows).toEqual(['bad', '&lt', 'goo']);
  });

  it('has a matrix of cases by kernel, with words beside the signs, and links that lead somewhere', () => {
    expect(elements.filter(({ attributes }) => attributes['scope'] === 'col').length).toBe(4);
    expect(elements.filter(({ tag }) => tag === 'td').length).toBe(9);
    const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = elements.flatMap(({ attributes }) => attributes['href']?.slice(1) ?? []);
    expect(links.length).toBe(6);
    for (const link of links) expect(ids).toContain(link);
    for (const { attributes } of elements) {
      for (const id of (attributes['aria-labelledby'] ?? '').split(' ').filter((one) => one !== ''))
        expect(ids).toContain(id);
    }
  });
});
