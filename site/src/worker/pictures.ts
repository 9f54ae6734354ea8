/** Draws timelines, and the same ones again in another width. */

import { timelineScale, timelineSvg } from '../../../src/report/timeline-svg.js';
import type { Timeline } from '../../../src/timeline/timeline.js';
import type { Picture } from '../protocol.js';

/** What a picture needs at least, CSS pixels. */
const NARROWEST = 280;

let latest: readonly Timeline[] = [];

/** A picture of these. */
export function draw(timelines: readonly Timeline[], asked: number): Picture {
  latest = timelines;
  const width = Math.max(NARROWEST, Math.floor(asked));
  const scale = timelineScale(timelines, width);
  const [from = 0, until = 0] = scale.domain();
  const [left = 0, right = 0] = scale.range();
  return { svg: timelineSvg(timelines, { width }), width, domain: [from, until], range: [left, right] };
}

/** The picture that was drawn last, in that width. */
export const drawAgain = (width: number): Picture => draw(latest, width);
