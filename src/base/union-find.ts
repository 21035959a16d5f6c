/** Disjoint sets of the numbers from 0 to count - 1. */
export interface UnionFind {
  /** The least member of an element's set. */
  readonly find: (element: number) => number;
  readonly join: (one: number, other: number) => void;
}

/** Sets of one element each, to be joined. */
export const createUnionFind = (count: number): UnionFind => {
  const parent = Int32Array.from({ length: count }, (_, index) => index);
  const find = (element: number): number => {
    let root = element;
    while (parent[root] !== root) root = parent[root] as number;
    for (let at = element; at !== root; ) {
      const next = parent[at] as number;
      parent[at] = root;
      at = next;
    }
    return root;
  };
  return {
    find,
    join: (one, other) => {
      const [a, b] = [find(one), find(other)];
      parent[Math.max(a, b)] = Math.min(a, b);
    },
  };
};
