import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { kernelNamed } from '../../src/kernels.js';
import { timelineText } from '../../src/report/timeline-text.js';
import type { Timeline } from '../../src/timeline/timeline.js';
import { timelineOf } from '../../src/timeline/timeline-of.js';
import { goldenTraces } from '../support/recordings.js';

const small: Timeline = {
  kernel: '4.15',
  title: 'small',
  from: 0,
  until: 10_000_000,
  samples: [
    { at: 0, synQueue: 0, young: 0, acceptQueue: 0, synLimit: 8, acceptLimit: 3 },
    { at: 2_000_000, synQueue: 8, young: 8, acceptQueue: 0, synLimit: 8, acceptLimit: 3 },
    { at: 4_000_000, synQueue: 8, young: 2, acceptQueue: 1, synLimit: 8, acceptLimit: 3 },
    { at: 7_000_000, synQueue: 1, young: 0, acceptQueue: 3, synLimit: 8, acceptLimit: 3 },
  ],
  marks: [
    { at: 2_500_000, kind: 'syn-dropped', count: 4000, rule: 'tcp_conn_request/syn-queue-full', peer: 7 },
    { at: 8_000_000, kind: 'accepted', count: 1, rule: 'inet_csk_accept/oldest-first', peer: 9 },
  ],
};

describe('a timeline in a terminal', () => {
  it('shows queues, young requests, limits and marks', () => {
    expect(`\n${timelineText([small], { width: 60 }).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      Linux 4.15: small
      SYN queue  █ young  ░ older  ╌ full at 8
                    8 │╌╌╌╌╌╌╌████████░░░░░░░░░░░╌╌╌╌╌╌╌╌╌╌╌
                      │       ████████░░░░░░░░░░░
                      │       ████████░░░░░░░░░░░
                      │       ████████░░░░░░░░░░░
                    0 └       ███████████████████░░░░░░░░░░░
      accept queue  ╌ full at 3
                    3 │╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌████████████
                      │                         ████████████
                    0 └              ███████████████████████
        SYN dropped S │         S                            4,000
           accepted o │                             o        1
                      └┬─────────────────┬──────────────────
                       0 s               5 s
      "
    `);
  });

  it('colours only the letters, if asked', () => {
    const plain = timelineText([small]);
    const painted = timelineText([small], { paint: (kind, letters) => `<${kind}>${letters}</>` });
    expect(painted.map((line) => line.replaceAll(/<[^>]*>/g, ''))).toEqual(plain);
    expect(painted.filter((line) => line.includes('<')).length).toBe(2);
  });

  it.each([40, 80, 200])('is never wider than %i columns', (width) => {
    for (const name of ['2.6.32', '4.15']) {
      for (const trace of goldenTraces(`linux-${name}`, 'named')) {
        const { timeline } = timelineOf(trace, kernelNamed(name) as KernelVariant);
        const lines = timelineText([timeline], { width });
        const long = lines.filter((line) => [...line].length > width);
        expect([trace.header.id, long]).toEqual([trace.header.id, []]);
        expect(lines.join('\n')).not.toMatch(/NaN|undefined|Infinity/);
      }
    }
  });

  it('does not let a title reach the terminal as anything but text', () => {
    const [first] = timelineText([{ ...small, title: 'a\u001b[2Jb\nc' }]);
    expect(first).toBe('Linux 4.15: a\uFFFD[2Jb\uFFFDc');
  });
});
