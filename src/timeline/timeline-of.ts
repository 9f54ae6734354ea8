/** Timelines of traces that are there, and of scenarios that are played. */

import type { SkBuff } from '../host/segment.js';
import type { KernelVariant } from '../host/variant.js';
import { TraceJudge, type Verdict } from '../judge/judge.js';
import { type EventWith, RunningMachine } from '../run/running-machine.js';
import type { PlayOptions, Scenario, Trace } from '../run/scenario.js';
import { arriving, type SynAcks, sent } from '../trace/segments.js';
import type { Timeline } from './timeline.js';
import { TimelineRecorder } from './timeline-recorder.js';

/** A timeline, and how the trace that it is of was judged. */
export interface TracedTimeline {
  /** It ends where the trace violates the specification. */
  readonly timeline: Timeline;
  readonly verdict: Verdict;
}

/** The timeline of a trace, whoever made it: as the kernel's model goes through it. Its header is taken to be on line 1. */
export function timelineOf({ header, steps }: Trace, kernel: KernelVariant): TracedTimeline {
  const judge = new TraceJudge(kernel, header, 1);
  const recorder = new TimelineRecorder(kernel, { title: header.id });
  let latest = 0;
  judge.watch((sights) => {
    for (const sight of sights) {
      latest = Math.max(latest, sight.at);
      recorder.see({ ...sight, at: latest });
    }
  });
  let line = 1;
  for (const step of steps) {
    line += 1;
    if (judge.step(step, line) !== undefined) break;
  }
  const verdict = judge.end();
  const until = verdict.verdict === 'conforms' ? steps.at(-1)?.observed.until : steps[verdict.line - 2]?.at;
  return { timeline: recorder.timeline(until ?? 0), verdict };
}

/** The timeline of a scenario on a kernel's model. */
export function playTimeline(kernel: KernelVariant, scenario: Scenario, options: PlayOptions = {}): Timeline {
  const { id = 'scenario', ...others } = options;
  const machine = new RunningMachine(kernel, { ...others, sysctl: scenario.sysctl, sockopt: scenario.sockopt });
  const stage: Stage = { machine, recorder: new TimelineRecorder(kernel, { title: id }), synAcks: new Map() };
  let now = 0;
  for (const event of scenario.events) {
    if ('wait' in event) {
      elapse(stage, now, now + event.wait);
      now += event.wait;
    } else if ('segments' in event) {
      // All of them get their numbers before the first is received.
      const { faults } = event;
      for (const segment of event.segments.map((one) => arriving(one, stage.synAcks))) {
        happen(stage, { segments: [segment], ...(faults === undefined ? {} : { faults }) }, now, segment.peer);
      }
    } else {
      happen(stage, event, now);
    }
  }
  return stage.recorder.timeline(now);
}

interface Stage {
  readonly machine: RunningMachine;
  readonly recorder: TimelineRecorder;
  readonly synAcks: SynAcks;
}

/** Lets an event happen and looks at what came of it; `peer`: whose segment it is. */
function happen({ machine, recorder, synAcks }: Stage, event: EventWith<SkBuff>, at: number, peer?: number): void {
  const { accepted } = machine.happen(event, at, (segment) => segment);
  const out = machine.takeSent();
  for (const segment of out) sent(segment, synAcks);
  recorder.look(at, machine.host, machine.host.fired, out, peer ?? accepted);
}

/** Lets time pass tick by tick, so that what happens is seen when it happens. */
function elapse(stage: Stage, from: number, until: number): void {
  const { host } = stage.machine;
  for (let tick = host.timers.next(host, until); tick !== undefined && tick.lo <= until; ) {
    happen(stage, { wait: 0 }, Math.max(from, tick.lo));
    tick = host.timers.next(host, until);
  }
  happen(stage, { wait: 0 }, until);
}
