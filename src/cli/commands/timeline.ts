/** `timeline`: draws what a listener's queues do over time, in the terminal and as SVG, or one peer's segments as a sequence diagram. */

import type { KernelVariant } from '../../host/variant.js';
import { kernelNamed } from '../../kernels.js';
import { fencedDiagram, peersOf, sequenceDiagram } from '../../report/sequence-diagram.js';
import { timelineSvg } from '../../report/timeline-svg.js';
import { NARROWEST, timelineText } from '../../report/timeline-text.js';
import { playScenario } from '../../run/scenario.js';
import type { MarkKind, Timeline } from '../../timeline/timeline.js';
import { playTimeline, timelineOf } from '../../timeline/timeline-of.js';
import { EXIT, UsageError } from '../exit.js';
import { DEFAULT_KERNEL, kernelOption } from '../options.js';
import type { Output } from '../output.js';
import { writeReport } from '../report-file.js';
import { type Input, readInputs } from './timeline-input.js';

/** What the command line says. */
export interface TimelineOptions {
  /** Names of kernels on which the events are played. */
  readonly kernel?: readonly string[];
  readonly svg?: string;
  readonly width?: number;
  readonly peer?: number;
  readonly mermaid?: boolean;
  readonly json?: boolean;
}

/** How many timelines a picture may have. */
const PICTURE = 24;
const NARROWEST_PICTURE = 280;

/** Draws the traces and scenarios of `places`. */
export async function timeline(places: readonly string[], options: TimelineOptions, output: Output): Promise<number> {
  const { peer, mermaid = false, svg, width } = options;
  if (mermaid !== (peer !== undefined)) throw new UsageError('--peer and --mermaid belong together');
  if (mermaid && (svg !== undefined || options.json === true)) {
    throw new UsageError('--mermaid prints a diagram, and neither SVG nor JSON');
  }
  const least = svg === undefined ? NARROWEST : NARROWEST_PICTURE;
  if (width !== undefined && width < least) throw new UsageError(`--width ${width}: at least ${least}`);
  const kernels = options.kernel?.map((name) => kernelOption(name));
  const drawing = new Drawing(options, output);
  let status: number = EXIT.ok;
  for (const place of places) {
    const refuse = (message: string): void => {
      output.note(message);
      status = EXIT.invalid;
    };
    for await (const input of readInputs(place, refuse)) {
      const variants = kernels ?? [variantOf(input, refuse)];
      for (const kernel of variants) {
        if (kernel === undefined) continue;
        const played = kernels !== undefined || input.isScenario;
        if (peer === undefined) {
          const problem = await drawing.add(input, kernel, played);
          if (problem !== undefined) status = Math.max(status, EXIT.violation);
        } else await output.print(diagram(input, kernel, played, peer));
      }
    }
  }
  await drawing.end();
  return status;
}

/** The kernel that a trace or scenario names. */
function variantOf({ place, header, isScenario }: Input, refuse: (message: string) => void): KernelVariant | undefined {
  const name = header.kernel.variant;
  const variant = kernelNamed(isScenario && name === '' ? DEFAULT_KERNEL : name);
  if (variant === undefined) refuse(`${place}: $.kernel.variant: unknown kernel variant ${JSON.stringify(name)}`);
  return variant;
}

/** How a scenario is played on a kernel: as `run` does. */
function playing({ header, steps }: Input, { name }: KernelVariant) {
  const { id, kernel, sysctl, sockopt } = header;
  const release = name === kernel.variant ? { release: kernel.release } : {};
  const uptime = kernel.uptime === undefined ? {} : { uptime: kernel.uptime };
  return [
    { sysctl, sockopt, events: steps.map(({ event }) => event) },
    { id, hz: kernel.hz, ...release, ...uptime },
  ] as const;
}

function diagram(input: Input, kernel: KernelVariant, played: boolean, peer: number): string {
  const trace = played ? playScenario(kernel, ...playing(input, kernel)) : input;
  const peers = peersOf(trace);
  if (!peers.includes(peer)) {
    const some = peers.slice(0, 12).join(', ');
    throw new UsageError(
      `${input.place}: no segment is from peer ${peer}; there are ${peers.length} peers: ${some}${peers.length > 12 ? ', …' : ''}`,
    );
  }
  return fencedDiagram(sequenceDiagram(trace, kernel, peer));
}

const VERDICT_OF: Readonly<Record<MarkKind, Parameters<Output['paint']>[0]>> = {
  'syn-dropped': 'violates',
  'ack-dropped': 'violates',
  reset: 'violates',
  cookie: 'undecided',
  retransmission: 'undecided',
  expired: 'undecided',
  accepted: 'conforms',
};

/** Draws timelines as they come; those of one name that follow each other on the same scales. */
class Drawing {
  readonly #options: TimelineOptions;
  readonly #output: Output;
  /** Not drawn yet. */
  #group: Timeline[] = [];
  /** For the picture. */
  readonly #all: Timeline[] = [];
  #printed = 0;

  constructor(options: TimelineOptions, output: Output) {
    this.#options = options;
    this.#output = output;
  }

  /** Makes and draws a timeline; what is wrong with its trace, which has been told. */
  async add(input: Input, kernel: KernelVariant, played: boolean): Promise<string | undefined> {
    let problem: string | undefined;
    let one: Timeline;
    if (played) one = playTimeline(kernel, ...playing(input, kernel));
    else {
      const { timeline, verdict } = timelineOf(input, kernel);
      one = timeline;
      if (verdict.verdict !== 'conforms') {
        const what = verdict.verdict === 'violates' ? `violates ${kernel.name}` : 'is undecided';
        problem = `${input.place}: ${input.header.id} ${what}; its timeline ends there`;
        this.#output.note(problem);
      }
    }
    if (this.#options.svg !== undefined) {
      this.#all.push(one);
      if (this.#all.length > PICTURE) {
        throw new UsageError(
          `more than ${PICTURE} timelines are too many for a picture: name a trace by a line of it, as in FILE:1`,
        );
      }
    }
    if (this.#options.json === true) await this.#output.print(JSON.stringify(one));
    else if (this.#options.svg === undefined) {
      if (this.#group[0] !== undefined && this.#group[0].title !== one.title) await this.#print();
      this.#group.push(one);
    }
    return problem;
  }

  async end(): Promise<void> {
    await this.#print();
    const { svg, width } = this.#options;
    if (svg === undefined || this.#all.length === 0) return;
    writeReport(svg, timelineSvg(this.#all, width === undefined ? {} : { width }));
  }

  async #print(): Promise<void> {
    if (this.#group.length === 0) return;
    const width = this.#options.width ?? Math.max(NARROWEST, this.#output.columns ?? 80);
    const paint = (kind: MarkKind, letters: string): string => this.#output.paint(VERDICT_OF[kind], letters);
    const lines = timelineText(this.#group, { width, paint });
    await this.#output.print([...(this.#printed > 0 ? [''] : []), ...lines].join('\n'));
    this.#printed += 1;
    this.#group = [];
  }
}
