/** A moment of a run: the queues of each kernel as bars, what has happened so far, and what happens right now, by which rule. */

import { html, nothing, type TemplateResult } from 'lit';
import type { MarkKind, Timeline } from '../../../src/timeline/timeline.js';
import { countsAt, type Stop, sampleAt } from '../moments.js';
import type { KindWords, Simulated } from '../protocol.js';
import { grouped, seconds } from '../words.js';
import { ruleTold } from './rule.js';
import type { Position } from './stage.js';

/** The queues of each kernel at a moment, side by side. */
export function gauges(timelines: readonly Timeline[], kinds: KindWords, at: number): TemplateResult {
  const seen = new Set(timelines.flatMap(({ marks }) => marks.map(({ kind }) => kind)));
  const shown = (Object.keys(kinds) as MarkKind[]).filter((kind) => seen.has(kind));
  return html`<div class="gauges">${timelines.map((one) => gauge(one, kinds, shown, at))}</div>`;
}

function gauge(timeline: Timeline, kinds: KindWords, shown: readonly MarkKind[], at: number): TemplateResult {
  const sample = sampleAt(timeline, at);
  const counts = countsAt(timeline, at);
  const { synQueue = 0, young = 0, acceptQueue = 0, synLimit, acceptLimit } = sample ?? {};
  return html`
    <section class="gauge" aria-label="Linux ${timeline.kernel}">
      <h3>Linux ${timeline.kernel}</h3>
      ${bar('SYN queue', 'syn', synQueue, synLimit, young)} ${bar('accept queue', 'accept', acceptQueue, acceptLimit)}
      <dl>
        ${shown.map(
          (kind) =>
            html`<div class="kind-${kind}"><dt>${kinds[kind].label}</dt><dd>${grouped(counts.get(kind) ?? 0)}</dd></div>`,
        )}
      </dl>
    </section>
  `;
}

function bar(name: string, kind: string, length: number, limit: number | undefined, young?: number): TemplateResult {
  const most = Math.max(length, limit ?? 1, 1);
  const share = (value: number): string => `${(100 * value) / most}%`;
  const isFull = limit !== undefined && length >= limit;
  return html`
    <div class="bar">
      <span class="name">${name}</span>
      <span class="value">
        <b>${grouped(length)}</b> ${limit === undefined ? 'no listener' : `of ${grouped(limit)}`}${isFull ? ', full' : ''}
      </span>
      <span class="track ${isFull ? 'full' : ''}" aria-hidden="true">
        <i class=${kind} style="width:${share(length)}"></i>
        ${young === undefined ? nothing : html`<i class="young" style="width:${share(young)}"></i>`}
      </span>
    </div>
  `;
}

/** What happens at a stop. */
export function events({ rules, kinds }: Simulated, stop: Stop | undefined, { isPassing }: Position): TemplateResult {
  return html`
    <section class="card" aria-label="What happens" aria-live=${isPassing ? 'off' : 'polite'}>
      ${
        stop === undefined
          ? html`<p class="soft">Nothing has happened yet. Step, or point at a mark in the picture.</p>`
          : html`
              <h3>${seconds(stop.at)}</h3>
              <ul>
                ${stop.events.map(
                  ({ kernel, mark }) => html`
                    <li class="kind-${mark.kind}">
                      <p class="what"><span class="kernel">${kernel}</span> ${whatHappens(kinds, mark)}</p>
                      ${mark.rule === undefined ? nothing : ruleTold(rules, kernel, mark.rule)}
                    </li>
                  `,
                )}
              </ul>
            `
      }
    </section>
  `;
}

/** A stop in a few words. */
export const stopInWords = (kinds: KindWords, { events }: Stop): string =>
  events.map(({ kernel, mark }) => `Linux ${kernel}, ${whatHappens(kinds, mark)}`).join('; ');

function whatHappens(kinds: KindWords, { kind, count, peer }: Stop['events'][number]['mark']): string {
  const { one, many } = kinds[kind];
  const whom = peer === undefined ? '' : count === 1 ? ` (peer ${peer})` : ` (the first: peer ${peer})`;
  return `${count === 1 ? one : `${grouped(count)} ${many}`}${whom}`;
}
