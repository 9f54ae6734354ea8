/** Mermaid sequence diagrams of what passes between one client and a kernel: code hosts draw them out of Markdown. */

import { sentenceOf } from '../conformance/case-result.js';
import type { Step } from '../generated/types.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import { TraceJudge } from '../judge/judge.js';
import { decides } from '../judge/manner.js';
import type { Sight } from '../judge/sights.js';
import type { Trace } from '../run/scenario.js';
import { markKind } from '../timeline/mark-kinds.js';
import { topicOf } from './timeline-words.js';
import { eventInWords, seconds, segmentInWords } from './words.js';

/** The peers that segments come from, in the order in which they first come. */
export function peersOf({ steps }: Trace): number[] {
  const segments = steps.flatMap(({ event }) => ('segments' in event ? event.segments : []));
  return [...new Set(segments.map(({ peer }) => peer))];
}

/** A diagram as a block of Markdown. */
export const fencedDiagram = (diagram: string): string => `\`\`\`mermaid\n${diagram}\n\`\`\``;

/**
 * The diagram of one peer of a trace: its segments, those that it is sent, and the calls of the server that concern it. Where the kernel answers
 * nothing, a note says by which rule. It ends where the trace violates the specification of the kernel.
 */
export function sequenceDiagram(trace: Trace, kernel: KernelVariant, peer: number): string {
  const seen = sightsByStep(trace, kernel);
  const { header, steps } = trace;
  const lines = [
    'sequenceDiagram',
    `  accTitle: ${quoted(`Peer ${peer} of ${header.id} on Linux ${kernel.name}`)}`,
    `  participant C as peer ${peer}`,
    `  participant K as Linux ${kernel.name}`,
    '  participant S as server',
  ];
  for (const [i, step] of steps.entries()) {
    const sights = seen.get(i);
    if (sights === undefined) break;
    lines.push(...stepLines(step, steps[i - 1], sights, peer, kernel.name).map((line) => `  ${line}`));
  }
  return lines.join('\n');
}

/** What was to be seen within each step, as far as the trace conforms. */
function sightsByStep({ header, steps }: Trace, kernel: KernelVariant): Map<number, readonly Sight[]> {
  const judge = new TraceJudge(kernel, header, 0);
  const found = new Map<number, readonly Sight[]>();
  let latest: Sight[] = [];
  judge.watch((sights) => latest.push(...sights));
  judge.onStep = (line) => {
    found.set(line - 1, latest);
    latest = [];
  };
  for (const [i, step] of steps.entries()) if (judge.step(step, i + 1) !== undefined) return found;
  judge.end();
  return found;
}

function stepLines(
  step: Step,
  before: Step | undefined,
  sights: readonly Sight[],
  peer: number,
  kernel: string,
): string[] {
  const { event } = step;
  const lines: string[] = [];
  const at = seconds(step.at);
  if ('segments' in event) {
    const own = sights.filter((sight) => sight.peer === peer);
    const answered = step.out.some((segment) => segment.peer === peer);
    event.segments
      .filter((segment) => segment.peer === peer)
      .forEach((segment, n) => {
        lines.push(`C->>K: ${quoted(`${at}  ${segmentInWords(segment)}`)}`);
        if (!answered) lines.push(...note(decisive(own[n]?.rules ?? []), kernel));
      });
  } else if ('syscall' in event && concerns(step, peer)) {
    lines.push(`S->>K: ${quoted(`${at}  ${eventInWords(event)}`)}`);
    if (step.accepted === peer) lines.push(`K-->>S: ${quoted(`the connection from peer ${peer}`)}`);
  }
  for (const segment of step.out) {
    if (segment.peer === peer) lines.push(`K->>C: ${quoted(`${seconds(segment.at)}  ${segmentInWords(segment)}`)}`);
  }
  if (hasRequest(before, peer) && 'wait' in event && !hasRow(step, peer)) lines.push(...gone(step, sights, kernel));
  return lines;
}

/** Of the rules that a segment let fire, the one that says what became of it. */
function decisive(rules: readonly RuleId[]): RuleId | undefined {
  const marked = rules.find((rule) => markKind(rule) !== undefined);
  const ofQueues = rules.findLast((rule) => decides(rule) && !topicOf(rule).startsWith('connection-'));
  return marked ?? ofQueues ?? rules.at(-1);
}

/** Calls about the listener concern everybody; `accept` and `close` of a connection only its peer. */
function concerns({ event, accepted }: Step, peer: number): boolean {
  if (!('syscall' in event)) return false;
  if (event.syscall === 'accept') return accepted === peer;
  return !('peer' in event) || event.peer === peer;
}

const hasRow = ({ observed }: Step, peer: number): boolean =>
  observed.sockets?.some((row) => row.peer === peer) ?? true;

const hasRequest = (step: Step | undefined, peer: number): boolean =>
  step?.observed.sockets?.some((row) => row.peer === peer && row.state === 'SYN_RECV') ?? false;

/** The peer's request has gone in a wait; when, is known if only one tick let any expire. */
function gone({ observed }: Step, sights: readonly Sight[], kernel: string): string[] {
  const ticks = sights.filter(({ rules }) => rules.some((rule) => markKind(rule) === 'expired'));
  const rule = ticks[0]?.rules.find((one) => markKind(one) === 'expired');
  const when = ticks.length === 1 ? seconds((ticks[0] as Sight).at) : `by ${seconds(observed.at)}`;
  return note(rule, kernel, when);
}

/** What a rule did that nobody is sent a segment by. */
function note(rule: RuleId | undefined, kernel: string, when?: string): string[] {
  if (rule === undefined) return [];
  const lines = [...(when === undefined ? [] : [when]), ...wrapped(sentenceOf(rule, kernel)), rule];
  return [`Note over K: ${lines.map(quoted).join('<br/>')}`];
}

const LINE = 44;

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Text that Mermaid and Markdown take for nothing but text. */
function quoted(text: string): string {
  const reference = (char: string): string => `#${char.codePointAt(0)};`;
  return text.replaceAll(/\p{C}/gu, '\uFFFD').replaceAll(/[#;<>&%"`{}$\\]/g, reference);
}
