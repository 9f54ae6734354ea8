/** Copies a graph of plain objects, class instances, arrays, maps and sets, with its shared references and cycles. */

/** An object that carries this key (with a true value) is shared between copies instead of being copied. */
export const SHARED: unique symbol = Symbol('shared between copies');

/**
 * A deep copy of `root`. Object identity inside the graph is kept; functions and objects marked {@link SHARED} are not
 * copied. The cost grows with the number of objects reached. Long chains are no deeper a recursion than short ones.
 */
export function cloneGraph<T>(root: T): T {
  const copies = new Map<object, object>();
  const unfilled: object[] = [];
  const copy = <V>(value: V): V => {
    if (typeof value !== 'object' || value === null) return value;
    const known = copies.get(value);
    if (known !== undefined) return known as V;
    if ((value as { [SHARED]?: boolean })[SHARED] === true) return value;
    const target = empty(value);
    copies.set(value, target);
    unfilled.push(value);
    return target as V;
  };
  const result = copy(root);
  for (let source = unfilled.pop(); source !== undefined; source = unfilled.pop()) {
    fill(source, copies.get(source) as object, copy);
  }
  return result;
}

function empty(source: object): object {
  if (Array.isArray(source)) return new Array(source.length);
  if (source instanceof Map) return new Map();
  if (source instanceof Set) return new Set();
  return Object.create(Object.getPrototypeOf(source)) as object;
}

function fill(source: object, target: object, copy: <V>(value: V) => V): void {
  if (Array.isArray(source)) {
    for (let i = 0; i < source.length; i++) (target as unknown[])[i] = copy(source[i] as unknown);
  } else if (source instanceof Map) {
    for (const [key, item] of source) (target as Map<unknown, unknown>).set(copy(key), copy(item));
  } else if (source instanceof Set) {
    for (const item of source) (target as Set<unknown>).add(copy(item));
  } else {
    const fields = source as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      const field = fields[key];
      (target as Record<string, unknown>)[key] = typeof field === 'object' && field !== null ? copy(field) : field;
    }
  }
}
