/** Copies a graph of plain objects, class instances, arrays, maps and sets, with its shared references and cycles. */

/** An object that carries this key (with a true value) is shared between copies instead of being copied. */
export const SHARED: unique symbol = Symbol('shared between copies');

/**
 * A deep copy of `root`. Object identity inside the graph is kept; functions and objects marked {@link SHARED} are not
 * copied. The cost grows with the number of objects reached.
 */
export function cloneGraph<T>(root: T): T {
  return copy(root, new Map()) as T;
}

function copy(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if ((value as { [SHARED]?: boolean })[SHARED] === true) return value;
  if (Array.isArray(value)) {
    const array: unknown[] = new Array(value.length);
    copies.set(value, array);
    for (let i = 0; i < value.length; i++) array[i] = copy(value[i], copies);
    return array;
  }
  if (value instanceof Map) {
    const map = new Map<unknown, unknown>();
    copies.set(value, map);
    for (const [key, item] of value) map.set(copy(key, copies), copy(item, copies));
    return map;
  }
  if (value instanceof Set) {
    const set = new Set<unknown>();
    copies.set(value, set);
    for (const item of value) set.add(copy(item, copies));
    return set;
  }
  const source = value as Record<string, unknown>;
  const target = Object.create(Object.getPrototypeOf(value)) as Record<string, unknown>;
  copies.set(value, target);
  for (const key of Object.keys(source)) {
    const field = source[key];
    target[key] = typeof field === 'object' && field !== null ? copy(field, copies) : field;
  }
  return target;
}
