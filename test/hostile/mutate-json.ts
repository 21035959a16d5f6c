import type { Draw } from "./mutate.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that hand-written and hostile files have in wrong places. */
const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  2,
  31,
  255,
  4096,
  65_536,
  2 ** 31,
  2 ** 53,
  1e308,
  "",
  "same",
  "classes",
  "images",
  "conv",
  "add",
  "concat",
  "split",
  "resize",
  "pad",
  "conv1",
  "relu1",
  "split1:0",
  "a:9999",
  "__proto__",
  "constructor",
  "x".repeat(100_000),
  [],
  {},
  [1, 2],
  [65_536, 65_536],
  [31, 31, 31, 31],
  [4096, 4096, 65_536],
  ["images", "images"],
  Array.from({ length: 1024 }, () => "images"),
  { kind: "concat", inputs: ["images", "images"] },
  { kind: "resize", height: 4096, width: 4096 },
  { kind: "pad", padding: 31, channels: [65_536, 65_536] },
  { kind: "dense", features: 65_536 },
  { kind: "flatten" },
];

const KEYS = [
  "kind",
  "name",
  "inputs",
  "nodes",
  "filters",
  "kernel",
  "stride",
  "padding",
  "sizes",
  "y".repeat(100_000),
];

/** A node that many copies of make large. */
const GROWTH: readonly Json[] = [
  { kind: "concat", inputs: ["images", "images"] },
  { kind: "resize", height: 64, width: 64 },
  { kind: "conv", filters: 64, kernel: 3 },
  { kind: "split", sizes: [4, 4] },
  { kind: "activation" },
];

/** All objects and lists in a value. */
const containersOf = (value: Json): (Json[] | { [key: string]: Json })[] => {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(containersOf)];
};

/** Repetitions stay within this many characters, as readers of files do. */
const MAX_REPEATED = 1e6;

const changeOne = (root: Json, draw: Draw): void => {
  const containers = containersOf(root);
  const container = containers[draw(containers.length)];
  if (!container) return;
  const keys = Object.keys(container);
  const key = keys[draw(keys.length)] ?? KEYS[draw(KEYS.length)] ?? "";
  const value = structuredClone(VALUES[draw(VALUES.length)] as Json);
  const at = Number(key);
  switch (draw(6)) {
    case 0:
      if (Array.isArray(container)) container.splice(at, 1);
      else delete container[key];
      break;
    case 1:
      if (Array.isArray(container)) container.splice(at, 0, value);
      else container[KEYS[draw(KEYS.length)] as string] = value;
      break;
    case 2: {
      const asked = [1, 2, 40, 400, 11_000][draw(5)] as number;
      const copied = draw(2) === 0 ? (GROWTH[draw(GROWTH.length)] as Json) : undefined;
      if (Array.isArray(container)) {
        const item = copied ?? container[at] ?? null;
        const copies = Math.min(asked, Math.ceil(MAX_REPEATED / JSON.stringify(item).length));
        container.splice(at, 0, ...Array.from({ length: copies }, () => structuredClone(item)));
      }
      break;
    }
    case 3:
      if (Array.isArray(container)) container.reverse();
      break;
    default:
      (container as { [key: string]: Json })[key] = value;
  }
};

/** A JSON value with one to four changes: other values, missing, added, repeated and reversed ones. */
export const mutateJson = (value: unknown, draw: Draw): unknown => {
  // Only JSON values are given.
  const copy = structuredClone(value) as Json;
  for (let left = 1 + draw(4); left > 0; left--) changeOne(copy, draw);
  return copy;
};
