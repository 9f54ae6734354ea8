/** A picture of timelines, and the time in it: to play, to step through, to point at, with mouse, fingers or keys. */

import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import { lastAt } from '../moments.js';
import type { Picture } from '../protocol.js';
import { seconds } from '../words.js';
import { PageElement } from './element.js';

/** A moment that the time can stop at. */
export interface StopAt {
  /** µs. */
  readonly at: number;
  /** One that is looked for. */
  readonly isLoss: boolean;
  /** The rows of the picture in which it is marked. */
  readonly rows?: ReadonlySet<string>;
}

/** Where the time stands. */
export interface Position {
  /** µs. */
  readonly at: number;
  /** The index of the stop that is told of; -1: none. */
  readonly stop: number;
  /** It does not stay here: time passes, or somebody only points at it. */
  readonly isPassing: boolean;
}

/** Where the time has come to rest. */
export interface Rest {
  /** µs; undefined: at the end. */
  readonly at: number | undefined;
  readonly stop: number;
}

/** What a stage shows. */
export interface Play {
  readonly picture: Picture;
  readonly stops: readonly StopAt[];
  /** What there is to see at a moment. */
  readonly tell: (position: Position) => TemplateResult;
  /** A stop in a few words. */
  readonly name: (stop: number) => string;
  /** What a stop that is looked for is called. */
  readonly lossName: string;
  /** Whether stretches can be looked at. */
  readonly zooms: boolean;
}

const SPEEDS: readonly (readonly [number, string])[] = [
  [0.001, '1/1000 speed'],
  [0.01, '1/100 speed'],
  [0.1, '1/10 speed'],
  [1, 'real time'],
  [10, '10 × faster'],
  [100, '100 × faster'],
];

/** How long it takes to see all of it, s, where no speed is chosen. */
const WHOLE = 10;

/** How long the time stands still between two jumps, ms. */
const JUMP = 500;

/** How high a row of marks is, CSS pixels. */
const ROW = 18;

/** How far a pointer may be from what it points at, CSS pixels. */
const REACH = 8;

/** Tells `settle` with where the time comes to rest, `speed`, and `zoom` with the stretch that is asked for. */
export class Stage extends PageElement {
  static override properties = {
    play: { attribute: false },
    start: { attribute: false },
    startStop: { attribute: false },
    speed: { attribute: false },
    isZoomed: { attribute: false },
    version: { attribute: false },
    position: { state: true },
    pointed: { state: true },
    isPlaying: { state: true },
  };
  declare play: Play;
  /** µs: where the time stands at first; undefined: at the end. */
  declare start: number | undefined;
  /** The stop that is told of at first, where several are at the same time; undefined: the last of them. */
  declare startStop: number | undefined;
  declare speed: number | undefined;
  declare isZoomed: boolean;
  /** Another one whenever `play` tells something else of the same. */
  declare version: number;
  declare private position: Position;
  declare private pointed: number | undefined;
  declare private isPlaying: boolean;
  private frame = 0;

  constructor() {
    super();
    this.isPlaying = false;
    this.isZoomed = false;
  }

  /** Where the time stands, µs; undefined: at the end. */
  get at(): number | undefined {
    return this.position.at >= this.play.picture.domain[1] ? undefined : this.position.at;
  }

  protected override willUpdate(properties: PropertyValues): void {
    const before = properties.get('play') as Play | undefined;
    const isOther =
      properties.has('play') &&
      (before?.picture.domain.join() !== this.play.picture.domain.join() || before.stops !== this.play.stops);
    const isMoved = properties.has('start') || properties.has('startStop');
    if (!isOther && (!isMoved || this.isPlaying)) return;
    if (isOther) this.pause();
    const { domain } = this.play.picture;
    const at = this.start === undefined ? domain[1] : Math.min(Math.max(this.start, domain[0]), domain[1]);
    this.go(at, this.startStop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.frame);
  }

  override render(): TemplateResult {
    const { isPlaying, play, pointed, position } = this;
    const { picture, stops, tell } = play;
    const shown: Position =
      pointed === undefined
        ? { ...position, isPassing: isPlaying }
        : { at: stops[pointed]?.at ?? position.at, stop: pointed, isPassing: true };
    return html`
      ${this.transport()}
      <div
        class="picture"
        role="slider"
        tabindex="0"
        aria-label="Time"
        aria-describedby="keys"
        aria-valuemin=${picture.domain[0]}
        aria-valuemax=${picture.domain[1]}
        aria-valuenow=${Math.round(position.at)}
        aria-valuetext=${this.valueText()}
        @keydown=${this.key}
        @pointermove=${this.point}
        @pointerdown=${this.press}
        @pointerleave=${this.leave}
      >
        <div class="drawn">${unsafeHTML(picture.svg)}</div>
        ${this.cursor(position.at, shown)}
      </div>
      <p id="keys" class="keys">
        <kbd>←</kbd> <kbd>→</kbd> step, <kbd>Page Down</kbd> next ${play.lossName}, <kbd>Space</kbd> play
        ${play.zooms ? html`, <kbd>+</kbd> <kbd>−</kbd> zoom` : nothing}
      </p>
      ${tell(shown)}
    `;
  }

  private transport(): TemplateResult {
    const { isPlaying, isZoomed, play, position, speed } = this;
    const { domain } = play.picture;
    return html`
      <div class="transport" role="group" aria-label="Time">
        <button class="main" @click=${this.toggle}>${isPlaying ? 'Pause' : 'Play'}</button>
        <button @click=${() => this.step(-1)} ?disabled=${this.target(-1) < 0}>Back</button>
        <button @click=${() => this.step(1)}>Step</button>
        <button @click=${() => this.step(1, true)}>Next ${play.lossName}</button>
        <output class="time">${seconds(position.at)} <span>of ${seconds(domain[1])}</span></output>
        <span class="right">
          <label class="speed">
            <span class="visually-hidden">Speed</span>
            <select
              @change=${({ target }: Event) => this.tell('speed', Number((target as HTMLSelectElement).value) || undefined)}
            >
              <option value="" .selected=${speed === undefined}>all in ${WHOLE} s</option>
              ${SPEEDS.map(([value, name]) => html`<option value=${value} .selected=${value === speed}>${name}</option>`)}
            </select>
          </label>
          ${
            play.zooms
              ? html`
                  <button @click=${() => this.zoom(0.25)} aria-label="Zoom in">+</button>
                  <button @click=${() => this.zoom(4)} aria-label="Zoom out" ?disabled=${!isZoomed}>−</button>
                `
              : nothing
          }
        </span>
      </div>
    `;
  }

  private cursor(at: number, shown: Position): TemplateResult {
    const { width } = this.play.picture;
    const percent = (x: number): string => `${(100 * x) / width}%`;
    const [left, right] = this.play.picture.range;
    const x = this.x(at);
    const hover = this.pointed === undefined ? undefined : this.x(shown.at);
    return html`
      <div class="veil" style="left:${percent(x)};width:${percent(Math.max(0, right - x))}"></div>
      <div class="cursor" style="left:${percent(Math.max(left, x))}"></div>
      ${hover === undefined ? nothing : html`<div class="cursor hover" style="left:${percent(hover)}"></div>`}
    `;
  }

  private x(at: number): number {
    const { domain, range } = this.play.picture;
    return range[0] + ((at - domain[0]) / (domain[1] - domain[0])) * (range[1] - range[0]);
  }

  private valueText(): string {
    const { play, position } = this;
    const { stop, at } = position;
    return play.stops[stop]?.at === at ? `${seconds(at)}: ${play.name(stop)}` : seconds(at);
  }

  private go(at: number, stop = lastAt(this.play.stops, at)): void {
    this.position = { at, stop, isPassing: false };
  }

  private settle(): void {
    this.tell<Rest>('settle', { at: this.at, stop: this.position.stop });
  }

  private toggle(): void {
    if (this.isPlaying) {
      this.pause();
      this.settle();
      return;
    }
    const [from, until] = this.play.picture.domain;
    if (this.position.at >= until) this.go(from);
    this.pointed = undefined;
    this.isPlaying = true;
    let before = performance.now();
    // Without motion the time goes on in jumps.
    const least = matchMedia('(prefers-reduced-motion: reduce)').matches ? JUMP : 0;
    const tick = (now: number): void => {
      if (now - before < least) {
        this.frame = requestAnimationFrame(tick);
        return;
      }
      const rate = this.speed === undefined ? (until - from) / WHOLE : this.speed * 1_000_000;
      const at = this.position.at + ((now - before) / 1000) * rate;
      before = now;
      if (at >= until) {
        this.go(until);
        this.pause();
        this.settle();
        return;
      }
      this.go(at);
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  private pause(): void {
    cancelAnimationFrame(this.frame);
    this.isPlaying = false;
  }

  /** The stop that a step leads to; -1: none. */
  private target(direction: 1 | -1, toLoss = false): number {
    const { play, position } = this;
    const { stops } = play;
    const { stop: here } = position;
    const isOnStop = stops[here]?.at === position.at;
    const isAtEnd = position.at >= play.picture.domain[1] && !isOnStop;
    // At the end a step forward begins again.
    let next = direction === 1 ? (isAtEnd ? 0 : here + 1) : isOnStop ? here - 1 : here;
    while (toLoss && next >= 0 && next < stops.length && stops[next]?.isLoss !== true) next += direction;
    return next < stops.length ? next : -1;
  }

  private step(direction: 1 | -1, toLoss = false): void {
    this.pause();
    const next = this.target(direction, toLoss);
    const stop = this.play.stops[next];
    this.pointed = undefined;
    if (stop !== undefined) this.go(stop.at, next);
    this.settle();
  }

  private zoom(factor: number): void {
    const [from, until] = this.play.picture.domain;
    const length = Math.max(10, (until - from) * factor);
    const at = this.at ?? from + (until - from) / 2;
    this.pause();
    const begin = Math.max(0, Math.round(at - length / 2));
    this.tell('zoom', { window: [begin, begin + Math.round(length)], at });
  }

  private key(event: KeyboardEvent): void {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowRight: () => this.step(1),
      ArrowUp: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      ArrowDown: () => this.step(-1),
      PageDown: () => this.step(1, true),
      PageUp: () => this.step(-1, true),
      Home: () =>
        this.jump(this.play.picture.domain[0], (this.play.stops[0]?.at ?? 1) > this.play.picture.domain[0] ? -1 : 0),
      End: () => this.jump(this.play.picture.domain[1]),
      ' ': () => this.toggle(),
      ...(this.play.zooms ? { '+': () => this.zoom(0.25), '-': () => this.isZoomed && this.zoom(4) } : {}),
    };
    const action = actions[key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  private jump(at: number, stop?: number): void {
    this.pause();
    this.go(at, stop);
    this.settle();
  }

  private point(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && !this.isPlaying) this.pointed = this.stopAt(event);
  }

  private leave(): void {
    this.pointed = undefined;
  }

  private press(event: PointerEvent): void {
    const at = this.timeAt(event);
    if (at === undefined) return;
    this.pause();
    this.pointed = undefined;
    const stop = this.stopAt(event);
    const time = stop === undefined ? at : (this.play.stops[stop]?.at ?? at);
    this.go(time, stop);
    this.settle();
  }

  /** CSS pixels of the picture. */
  private xOf({ clientX, currentTarget }: PointerEvent): number {
    const { left, width } = (currentTarget as HTMLElement).getBoundingClientRect();
    return ((clientX - left) / width) * this.play.picture.width;
  }

  /** The time below a pointer; undefined: it is beside the picture. */
  private timeAt(event: PointerEvent): number | undefined {
    const { domain, range } = this.play.picture;
    const x = this.xOf(event);
    if (x < range[0] - REACH || x > range[1] + REACH) return undefined;
    const share = Math.min(1, Math.max(0, (x - range[0]) / (range[1] - range[0])));
    return domain[0] + share * (domain[1] - domain[0]);
  }

  /** The stop nearest to a pointer, a loss rather than another; undefined: none is near. */
  private stopAt(event: PointerEvent): number | undefined {
    const at = this.timeAt(event);
    if (at === undefined) return undefined;
    const { domain, range } = this.play.picture;
    const reach = (REACH / (range[1] - range[0])) * (domain[1] - domain[0]);
    const { stops } = this.play;
    const nearest = (wanted: (stop: StopAt) => boolean, most: number): number | undefined => {
      let found: number | undefined;
      let distance = most;
      for (let i = lastAt(stops, at - most) + 1; i < stops.length; i++) {
        const stop = stops[i] as StopAt;
        if (stop.at > at + most) break;
        const away = Math.abs(stop.at - at);
        if (away <= distance && wanted(stop)) [found, distance] = [i, away];
      }
      return found;
    };
    const row = rowAt(event);
    return (
      (row === undefined ? undefined : nearest(({ rows }) => rows?.has(row) ?? false, reach)) ??
      nearest(({ isLoss }) => isLoss, reach / 2) ??
      nearest(() => true, reach)
    );
  }
}

/** The row of marks below a pointer, as the number of its timeline and its kind; undefined: there is none. */
function rowAt({ clientY, currentTarget }: PointerEvent): string | undefined {
  for (const [i, timeline] of (currentTarget as HTMLElement).querySelectorAll('svg > g').entries()) {
    for (const line of timeline.querySelectorAll(':scope > .lane')) {
      // The group of its marks comes after the line below them; their lowest edge is the line.
      const group = [...siblingsAfter(line)].find((one) => one.localName === 'g');
      const { bottom } = line.getBoundingClientRect();
      if (clientY <= bottom && clientY > bottom - ROW) return `${i}/${group?.getAttribute('class')}`;
    }
  }
  return undefined;
}

function* siblingsAfter(element: Element): Generator<Element> {
  for (let one = element.nextElementSibling; one !== null; one = one.nextElementSibling) yield one;
}

customElements.define('backlog-stage', Stage);
