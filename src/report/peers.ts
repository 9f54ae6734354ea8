/** Lists of peers in words. */

/** How many runs of peers are listed before the rest is only counted. */
const RUNS = 12;

/** `peer 4`, `peers 1-3, 9`: in the order given, with runs of consecutive numbers in short. */
export function peersInWords(peers: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const peer of peers) {
    const run = runs.at(-1);
    if (run !== undefined && peer === run.last + 1) run.last = peer;
    else runs.push({ first: peer, last: peer });
  }
  const shown = runs.slice(0, RUNS).map(({ first, last }) => {
    if (first === last) return String(first);
    return last === first + 1 ? `${first}, ${last}` : `${first}-${last}`;
  });
  const more = runs.length > RUNS ? `, … (${peers.length} in all)` : '';
  return `${peers.length === 1 ? 'peer' : 'peers'} ${shown.join(', ')}${more}`;
}

/** The members of each group, by key, in the order in which the keys first came. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
