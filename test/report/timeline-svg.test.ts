import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { kernelNamed } from '../../src/kernels.js';
import { timelineScale, timelineSvg } from '../../src/report/timeline-svg.js';
import type { Timeline } from '../../src/timeline/timeline.js';
import { timelineOf } from '../../src/timeline/timeline-of.js';
import { Folder } from '../cli/transcript.js';
import { goldenTraces } from '../support/recordings.js';

const ROOT = resolve(import.meta.dirname, '../..');
const temporary = mkdtempSync(join(tmpdir(), 'tcp-backlog-svg-'));
afterAll(() => rmSync(temporary, { recursive: true }));

const small: Timeline = {
  kernel: '4.15',
  title: 'small',
  from: 0,
  until: 10_000_000,
  samples: [
    { at: 0, synQueue: 0, young: 0, acceptQueue: 0, synLimit: 2, acceptLimit: 3 },
    { at: 2_000_000, synQueue: 2, young: 2, acceptQueue: 0, synLimit: 2, acceptLimit: 3 },
    { at: 3_000_000, synQueue: 2, young: 0, acceptQueue: 1, synLimit: 2, acceptLimit: 3 },
    { at: 7_000_000, synQueue: 0, young: 0, acceptQueue: 3, synLimit: 2, acceptLimit: 3 },
  ],
  marks: [
    { at: 2_500_000, kind: 'syn-dropped', count: 4, rule: 'tcp_conn_request/syn-queue-full', peer: 7 },
    { at: 3_000_000, kind: 'retransmission', count: 1, rule: 'syn_ack_recalc/resend', peer: 1 },
    { at: 8_000_000, kind: 'syn-dropped', count: 1, rule: 'tcp_conn_request/accept-queue-full', peer: 9 },
  ],
};

/** For each document what Python's parser finds: the tags and texts of its elements, and their ids. */
function parsed(documents: readonly string[]): { tags: string[]; texts: string[]; ids: string[] }[] {
  const program = `import sys, json, xml.etree.ElementTree as E
print(json.dumps([{'tags': [e.tag.split('}')[1] for e in r.iter()], 'texts': [e.text or '' for e in r.iter()],
  'ids': [e.attrib['id'] for e in r.iter() if 'id' in e.attrib]} for r in map(E.fromstring, json.load(sys.stdin))]))`;
  const input = JSON.stringify(documents);
  return JSON.parse(execFileSync('python3', ['-c', program], { input, encoding: 'utf8', maxBuffer: 2 ** 28 }));
}

/** The picture without its style sheet, with a line for each element. */
const shape = (svg: string): string => svg.replace(/<style>[\s\S]*<\/style>\n/, '').replaceAll('><', '>\n<');

describe('a picture of a timeline', () => {
  it('shows queues, limits and marks', () => {
    expect(shape(timelineSvg([small], { width: 400 }))).toMatchSnapshot();
  });

  it('says in words what it shows, and of every mark by which rule', () => {
    const [document] = parsed([timelineSvg([small])]);
    expect(document?.texts.filter((_, i) => document.tags[i] === 'desc')).toEqual([
      'Linux 4.15, small, 0.000000 to 10.000000 s: the SYN queue holds at most 2 (full at 2), the accept queue at most 3 (full at 3). 5 SYNs are dropped, from 2.500000 s on. A SYN-ACK is sent again, at 3.000000 s.',
    ]);
    const titles = document?.texts.filter((_, i) => document.tags[i] === 'title');
    expect(titles?.slice(1)).toEqual([
      expect.stringMatching(
        /^2\.500000 s: 4 SYNs are dropped \(the first: peer 7\)\nWith cookies off, a SYN .*\(tcp_conn_request\/syn-queue-full\)$/,
      ),
      expect.stringMatching(/^8\.000000 s: a SYN is dropped \(peer 9\)\n.*\(tcp_conn_request\/accept-queue-full\)$/),
      expect.stringMatching(/^3\.000000 s: a SYN-ACK is sent again \(peer 1\)\n.*\(syn_ack_recalc\/resend\)$/),
    ]);
  });

  it('draws several kernels on the same scales, with a row for each kind of mark that any has', () => {
    const other: Timeline = { ...small, kernel: '2.6.32', marks: [], until: 20_000_000 };
    const svg = timelineSvg([small, other]);
    expect(svg.match(/class="name"[^>]*>[^<]*/g)?.map((text) => text.replace(/.*>/, ''))).toEqual([
      'SYN dropped',
      'SYN-ACK again',
      'SYN dropped',
      'SYN-ACK again',
    ]);
    expect(timelineScale([small, other])(20_000_000)).toBe(744);
    expect(timelineScale([small, other])(10_000_000)).toBe(422);
  });

  it('leaves out a limit far above, and says so', () => {
    const far = { ...small, samples: small.samples.map((one) => ({ ...one, synLimit: 4096, acceptLimit: undefined })) };
    const svg = timelineSvg([far]);
    expect(svg).toContain('full at 4,096 ↑');
    expect(svg.match(/full at/g)?.length).toBe(2);
    expect(svg).not.toMatch(/class="limit" d="M100/);
  });

  it('takes a title from anywhere for text', () => {
    const title = '</title><script>alert(1)</script>"\u0000\u202e&amp;\ud800';
    const [document] = parsed([timelineSvg([{ ...small, title }])]);
    expect(document?.tags).not.toContain('script');
    expect(document?.texts.join('\n')).toContain('<script>alert(1)</script>"\uFFFD\u202e&amp;\uFFFD');
  });

  it('is well-formed and without collisions of ids for every named golden trace', () => {
    const pictures = ['2.6.32', '4.15'].flatMap((name) =>
      goldenTraces(`linux-${name}`, 'named').map((trace, i) => {
        const svg = timelineSvg([timelineOf(trace, kernelNamed(name) as KernelVariant).timeline], { id: `t${i}` });
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
        return svg;
      }),
    );
    expect(pictures.length).toBe(540);
    for (const { tags, ids } of parsed(pictures)) {
      expect(tags[0]).toBe('svg');
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('stays small and quick however much it shows', () => {
    const samples = Array.from({ length: 2000 }, (_, i) => ({
      at: i * 5000,
      synQueue: (i * 37) % 128,
      young: (i * 37) % 64,
      acceptQueue: (i * 91) % 129,
      synLimit: 128,
      acceptLimit: 129,
    }));
    const marks = Array.from({ length: 2000 }, (_, i) => ({
      ...(small.marks[0] as Timeline['marks'][number]),
      at: i * 5000,
      kind: (['syn-dropped', 'cookie', 'reset', 'accepted'] as const)[i % 4] ?? 'reset',
      count: 30,
    }));
    const svg = timelineSvg([{ ...small, samples, marks }]);
    expect(svg.length).toBeLessThan(300_000);
    expect(svg).toContain('>15,000<');
  });
});

describe('the pictures of the documents', () => {
  const folder = new Folder();
  const page = readFileSync(join(ROOT, 'docs/timeline.md'), 'utf8');
  const commands = [...page.matchAll(/^ {4}npx tcp-backlog (timeline .* --svg docs\/pictures\/(\S+))$/gm)];

  it('are all told with their commands', () => {
    expect(commands.map(([, , file]) => file).sort()).toEqual(readdirSync(join(ROOT, 'docs/pictures')).sort());
    expect(commands.length).toBe(2);
  });

  it.each(commands.map(([, command = '', file = '']) => [file, command]))(
    '%s is what its command draws',
    async (file, command) => {
      const drawn = join(temporary, file);
      const args = command.replace(/docs\/pictures\/\S+/, drawn).split(' ');
      expect((await folder.run(...args)).status).toBe(0);
      expect(readFileSync(join(ROOT, 'docs/pictures', file), 'utf8')).toBe(readFileSync(drawn, 'utf8'));
    },
  );
});
