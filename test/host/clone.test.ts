import { describe, expect, it } from 'vitest';
import { cloneGraph, SHARED } from '../../src/host/clone.js';

class Node {
  next: Node | undefined;
  constructor(readonly name: string) {}
}

describe('cloneGraph', () => {
  it('keeps cycles and shared references, and copies everything else', () => {
    const a = new Node('a');
    const b = new Node('b');
    a.next = b;
    b.next = a;
    const root = { map: new Map([[1, a]]), list: [a, b], set: new Set([b]) };
    const copy = cloneGraph(root);
    expect(copy).toEqual(root);
    const first = copy.list[0] as Node;
    expect(first).toBeInstanceOf(Node);
    expect(first).not.toBe(a);
    expect(copy.map.get(1)).toBe(first);
    expect(first.next?.next).toBe(first);
    expect(copy.set.has(copy.list[1] as Node)).toBe(true);
  });

  it('is independent of the original', () => {
    const original = { deep: { count: 1 } };
    const copy = cloneGraph(original);
    copy.deep.count = 2;
    expect(original.deep.count).toBe(1);
  });

  it('shares what is marked as shared, and functions', () => {
    const shared = { [SHARED]: true as const, count: 0 };
    const call = (): number => 1;
    const copy = cloneGraph({ shared, call });
    expect(copy.shared).toBe(shared);
    expect(copy.call).toBe(call);
  });
});
