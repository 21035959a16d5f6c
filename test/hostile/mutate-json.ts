import type { Draw } from "./mutate.js";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

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

const put = (container: Json[] | { [key: string]: Json }, key: string, value: Json): void => {
  (container as { [key: string]: Json })[key] = value;
};

/** All texts in a value. */
const textsIn = (value: Json): string[] => {
  if (typeof value === "string") return [value];
  return containersOf(value).flatMap((each) =>
    Object.values(each).filter((part) => typeof part === "string"),
  );
};

/** Another part of the value: a name, which may close a cycle, or an object, which may be what contains its new place. */
const borrowed = (root: Json, draw: Draw): Json => {
  const parts = draw(4) === 0 ? containersOf(root) : textsIn(root);
  return structuredClone(parts[draw(parts.length)] ?? null);
};

/** Levels that functions which call themselves for each one are given; `deepText` makes more. */
const MAX_NESTED = 300;

const nested = (value: Json, levels: number): Json => {
  let wrapped: Json = value ?? null;
  for (let level = 0; level < levels; level++) wrapped = level % 2 ? [wrapped] : { a: wrapped };
  return wrapped;
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
  switch (draw(8)) {
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
    case 4:
      put(container, key, borrowed(root, draw));
      break;
    case 5:
      put(container, key, nested(container[key as never] as Json, 1 + draw(MAX_NESTED)));
      break;
    default:
      put(container, key, value);
  }
};

/** A JSON value with one to four changes: other values, missing, added, repeated and reversed ones. */
export const mutateJson = (value: unknown, draw: Draw): unknown => {
  // Only JSON values are given.
  const copy = structuredClone(value) as Json;
  for (let left = 1 + draw(4); left > 0; left--) changeOne(copy, draw);
  return copy;
};

const DEEP = "deep-value";

/** A value as JSON with one to four changes; at times, one of its texts becomes lists or objects with up to 100,000 levels. */
export const mutatedText = (value: unknown, draw: Draw): string => {
  const changed = mutateJson(value, draw);
  if (draw(8) > 0) return JSON.stringify(changed);
  const containers = containersOf(changed as Json);
  const container = containers[draw(containers.length)];
  const keys = Object.keys(container ?? {});
  if (!container || keys.length === 0) return JSON.stringify(changed);
  put(container, keys[draw(keys.length)] as string, DEEP);
  const levels = [100, 5000, 100_000][draw(3)] as number;
  const [open, close] = draw(2) === 0 ? ["[", "]"] : ['{"a":', "}"];
  return JSON.stringify(changed).replace(
    JSON.stringify(DEEP),
    () => `${open.repeat(levels)}1${close.repeat(levels)}`,
  );
};
