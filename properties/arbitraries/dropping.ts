/** Shrinks scenarios further than the blocks that they were made of: event by event and segment by segment. */

import * as fc from 'fast-check';
import type { TraceEvent } from '../../src/generated/types.js';
import type { Scenario } from '../../src/run/scenario.js';

/** The same scenarios. One shrinks first as before; when that leads no further, events, segments and settings go, one or many at a time. */
export function dropping(
  scenarios: fc.Arbitrary<Scenario>,
  fitted: (made: Scenario) => Scenario,
): fc.Arbitrary<Scenario> {
  return new Dropping(scenarios, fitted);
}

class Dropping extends fc.Arbitrary<Scenario> {
  private readonly made: fc.Arbitrary<Scenario>;
  private readonly fitted: (made: Scenario) => Scenario;

  constructor(made: fc.Arbitrary<Scenario>, fitted: (made: Scenario) => Scenario) {
    super();
    this.made = made;
    this.fitted = fitted;
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<Scenario> {
    const value = this.made.generate(random, bias);
    return new fc.Value(value.value, { inner: value.context });
  }

  override canShrinkWithoutContext(_: unknown): _ is Scenario {
    return false;
  }

  override shrink(value: Scenario, context: unknown): fc.Stream<fc.Value<Scenario>> {
    const fewer = fc.stream(this.fewer(value));
    if (context === undefined) return fewer;
    const { inner } = context as { readonly inner: unknown };
    const before = this.made.shrink(value, inner).map((one) => new fc.Value(one.value, { inner: one.context }));
    return before.join(fewer);
  }

  private *fewer(scenario: Scenario): Generator<fc.Value<Scenario>> {
    const size = sizeOf(scenario);
    for (const less of lesser(scenario)) {
      // What was dropped may be put back, as the ACK of a handshake is: that would go on for ever.
      const fitted = this.fitted(less);
      if (sizeOf(fitted) < size) yield new fc.Value(fitted, undefined);
    }
  }
}

/** How many events, segments and settings it has. */
function sizeOf({ events, sysctl, sockopt }: Scenario): number {
  const segments = events.reduce((sum, event) => sum + ('segments' in event ? event.segments.length : 0), 0);
  return events.length + segments + Object.keys(sysctl).length + Object.keys(sockopt).length;
}

/** Scenarios with less in them, those with the least first. The first event stays: without a listener there is no scenario. */
function* lesser(scenario: Scenario): Generator<Scenario> {
  const { sysctl, sockopt, events } = scenario;
  for (let size = 2 ** Math.floor(Math.log2(Math.max(1, events.length - 1))); size >= 1; size /= 2) {
    for (let from = 1; from < events.length; from += size) {
      yield { ...scenario, events: [...events.slice(0, from), ...events.slice(from + size)] };
    }
  }
  for (const [i, event] of events.entries()) {
    const next = events[i + 1];
    const both = next === undefined ? undefined : together(event, next);
    if (both !== undefined) yield { ...scenario, events: [...events.slice(0, i), both, ...events.slice(i + 2)] };
    for (const less of lesserEvents(event)) yield { ...scenario, events: events.with(i, less) };
  }
  for (const name of Object.keys(sysctl)) yield { ...scenario, sysctl: without(sysctl, name) };
  for (const name of Object.keys(sockopt)) yield { ...scenario, sockopt: without(sockopt, name) };
}

/** Two arrivals as one; not where the second may acknowledge what answers the first. */
function together(first: TraceEvent, second: TraceEvent): TraceEvent | undefined {
  if (!('segments' in first && 'segments' in second) || 'faults' in first || 'faults' in second) return undefined;
  if (second.segments.some(({ ack }) => ack !== undefined)) return undefined;
  return { segments: [...first.segments, ...second.segments] };
}

/** Arrivals of fewer segments. */
function* lesserEvents(event: TraceEvent): Generator<TraceEvent> {
  if (!('segments' in event)) return;
  const { segments } = event;
  for (let size = 2 ** Math.floor(Math.log2(segments.length)); size >= 1; size /= 2) {
    for (let from = 0; from < segments.length; from += size) {
      const left = [...segments.slice(0, from), ...segments.slice(from + size)];
      if (left.length > 0) yield { ...event, segments: left };
    }
  }
}

function without<T extends object>(settings: T, name: string): T {
  return Object.fromEntries(Object.entries(settings).filter(([one]) => one !== name)) as T;
}
