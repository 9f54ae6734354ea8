/** A bounded list of samples: when there are too many, it keeps of each stretch of time the extremes of every line. */

import type { QueueSample } from './timeline.js';

/** The lines that the samples draw. A limit that is not there is lower than any other. */
const LINES: readonly ((sample: QueueSample) => number)[] = [
  (sample) => sample.synQueue,
  (sample) => sample.young,
  (sample) => sample.acceptQueue,
  (sample) => sample.synLimit ?? -1,
  (sample) => sample.acceptLimit ?? -1,
];

/** How many samples a stretch keeps at most: the least and the greatest of each line, and the last; and the first stretch one more. */
const KEPT = 2 * LINES.length + 2;

/**
 * See the file's comment. The stretches begin at the first sample and are all equally long, a power of two µs; each keeps its least and greatest
 * value of each line and how it ends, exactly as if it had been looked at as a whole.
 */
export class ThinnedSamples {
  private readonly bound: number;
  private kept: QueueSample[] = [];
  /** µs; 0: nothing has been left out yet. */
  private width = 0;

  /** `bound`: how many samples there may be; at least {@link KEPT} twice. */
  constructor(bound: number) {
    if (!(bound >= 2 * KEPT)) throw new RangeError(`a bound of ${bound} samples is below ${2 * KEPT}`);
    this.bound = bound;
  }

  /** How long a stretch is, µs; 0 while all samples are there. */
  get stretch(): number {
    return this.width;
  }

  /** Adds a sample, which is not earlier than those before it. */
  add(sample: QueueSample): void {
    this.kept.push(sample);
    if (this.kept.length > this.bound) this.thin();
  }

  /** The sample that was added last; undefined: none was. */
  get last(): QueueSample | undefined {
    return this.kept.at(-1);
  }

  /** The samples that are kept, in order. */
  samples(): readonly QueueSample[] {
    return this.kept.slice();
  }

  /** Thins out what has come since, and makes the stretches longer if that does not free half of the room. */
  private thin(): void {
    if (this.width === 0) this.width = 1;
    for (this.keepExtremes(); this.kept.length > this.bound / 2; this.keepExtremes()) this.width *= 2;
  }

  private keepExtremes(): void {
    // The first sample of all stays: it is where the timeline begins, and where the stretches are counted from.
    const kept = this.kept.slice(0, 1);
    const origin = kept[0]?.at ?? 0;
    for (let first = 1; first < this.kept.length; ) {
      const end = this.endOfStretch(first, origin);
      keepExtremes(this.kept, first, end, kept);
      first = end;
    }
    this.kept = kept;
  }

  /** The index behind the last sample of the stretch that `first` is in. */
  private endOfStretch(first: number, origin: number): number {
    const { kept, width } = this;
    const end = (Math.floor(((kept[first] as QueueSample).at - origin) / width) + 1) * width + origin;
    let next = first + 1;
    while (next < kept.length && (kept[next] as QueueSample).at < end) next++;
    return next;
  }
}

/** Adds those of `samples[first]` to `samples[end - 1]` that a stretch keeps to `kept`. */
function keepExtremes(samples: readonly QueueSample[], first: number, end: number, kept: QueueSample[]): void {
  const wanted = new Set<number>([end - 1]);
  for (const line of LINES) {
    let [least, greatest] = [first, first];
    for (let i = first + 1; i < end; i++) {
      const value = line(samples[i] as QueueSample);
      if (value < line(samples[least] as QueueSample)) least = i;
      if (value > line(samples[greatest] as QueueSample)) greatest = i;
    }
    if (line(samples[least] as QueueSample) < line(samples[greatest] as QueueSample)) wanted.add(least).add(greatest);
  }
  for (const index of [...wanted].sort((a, b) => a - b)) kept.push(samples[index] as QueueSample);
}
