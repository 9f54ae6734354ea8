/** Whether a value is a workload. Apart from what runs one: schemas at run time have their size. */

import type { Workload } from '../generated/types.js';
import { type Problem, problemAt } from '../trace/problem.js';
import { validateWorkload } from '../trace/validate.js';
import { expectedArrivals, MOST_CLIENTS } from './plan.js';

/** What keeps `value` from being a workload that can be run; undefined: it is one. */
export function workloadProblem(value: unknown): Problem | undefined {
  return validateWorkload(value) ?? contradiction(value as Workload);
}

/** What the schema cannot say. */
function contradiction({ clients, server = {} }: Workload): Problem | undefined {
  const { arrivals } = clients;
  const at = (field: string, message: string): Problem => problemAt(['clients', 'arrivals', field], message);
  const { kind, rate, count, duration, size, every } = arrivals;
  if (kind === 'burst') {
    if (rate !== undefined) return at('rate', 'a burst has a size and a distance (every), not a rate');
    if (size === undefined && count === undefined) return at('count', 'missing');
    if (every === undefined && size !== undefined && size < (count ?? Number.POSITIVE_INFINITY)) {
      return at('every', 'missing: when does the next burst come?');
    }
  } else {
    if (rate === undefined) return at('rate', 'missing');
    const stray = size !== undefined ? 'size' : every !== undefined ? 'every' : undefined;
    if (stray !== undefined) return at(stray, `only bursts have it, not ${kind} arrivals`);
  }
  if (count === undefined && duration === undefined) return at('count', 'missing: a count or a duration has to end it');
  if (expectedArrivals(arrivals) > MOST_CLIENTS) return at('rate', `more than ${MOST_CLIENTS} clients`);
  return serverContradiction(server);
}

function serverContradiction(server: NonNullable<Workload['server']>): Problem | undefined {
  if (server.workers !== undefined && server.service === undefined) {
    return problemAt(['server', 'service'], 'missing: how long is a worker busy with a connection?');
  }
  let end = 0;
  for (const [i, { from, to = Number.POSITIVE_INFINITY }] of (server.pauses ?? []).entries()) {
    if (from < end) return problemAt(['server', 'pauses', i, 'from'], `before the end of the pause before (${end})`);
    if (to <= from) return problemAt(['server', 'pauses', i, 'to'], `not after its begin (${from})`);
    end = to;
  }
  let up = 0;
  for (const [i, { at, down }] of (server.restarts ?? []).entries()) {
    if (at < up) return problemAt(['server', 'restarts', i, 'at'], `before the end of the restart before (${up})`);
    up = at + down + 1;
  }
  return undefined;
}
