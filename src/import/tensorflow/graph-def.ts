import { z } from "zod";
import type { GraphDefNode } from "../../formats/tfjs/model-json.js";
import { type PlainAttributes, plainNode, type ReadNode } from "../operators/read-node.js";

/** A number as JSON of protocol buffers has it: 64-bit integers are texts. */
const number = z.union([z.number(), z.string().regex(/^-?\d{1,15}$|^-?(Infinity)$|^NaN$/)]);

const attributeSchema = z.object({
  s: z.string().optional(),
  i: number.optional(),
  f: number.optional(),
  b: z.boolean().optional(),
  list: z
    .object({
      i: z.array(number),
      f: z.array(number),
      s: z.array(z.string()),
      b: z.array(z.boolean()),
    })
    .partial()
    .optional(),
  shape: z
    .object({
      dim: z.array(z.object({ size: number.optional() })).default([]),
      unknownRank: z.boolean().optional(),
    })
    .optional(),
});

/** Texts are bytes in base64. */
const textOf = (base64: string): string => Buffer.from(base64, "base64").toString("latin1");

/** An attribute as a plain value: a text, a number, a truth value or a list; texts of a list are joined by commas. */
const plainValue = (raw: unknown): unknown => {
  const { data } = attributeSchema.safeParse(raw);
  if (!data) return undefined;
  const { s, i, f, b, list, shape } = data;
  if (s !== undefined) return textOf(s);
  if (i !== undefined || f !== undefined) return Number(i ?? f);
  if (b !== undefined) return b;
  if (shape) return shape.dim.map(({ size }) => Number(size ?? -1));
  if (!list) return undefined;
  if (list.s) return list.s.map(textOf).join(",");
  return (list.i ?? list.f)?.map(Number) ?? list.b ?? [];
};

const attributesOf = (attr: GraphDefNode["attr"]): PlainAttributes =>
  Object.fromEntries(Object.entries(attr).map(([name, raw]) => [name, plainValue(raw)]));

/** The value that an input names: NODE is its first output, and `NODE:0` the same. */
export const valueOfInput = (input: string): string => input.replace(/:0$/, "");

/** Outputs that converters may give a node; most have one. */
const MAX_OUTPUTS = 64;

/** The number of outputs of a node: those that others read. */
const outputCounts = (nodes: readonly GraphDefNode[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { input } of nodes)
    for (const each of input) {
      const [, name, index] = /^(.*):(\d{1,2})$/.exec(each) ?? [];
      if (name === undefined || Number(index) >= MAX_OUTPUTS) continue;
      counts.set(name, Math.max(counts.get(name) ?? 1, Number(index) + 1));
    }
  return counts;
};

/** The nodes of a graph with plain attributes. Inputs that only order nodes (`^NAME`) are left out. */
export const graphDefNodes = (nodes: readonly GraphDefNode[]): ReadNode[] => {
  const counts = outputCounts(nodes);
  return nodes.map(({ name, op, input, attr }) => {
    const others = Array.from(
      { length: (counts.get(name) ?? 1) - 1 },
      (_, at) => `${name}:${at + 1}`,
    );
    const inputs = input.filter((each) => !each.startsWith("^")).map(valueOfInput);
    return plainNode({ name, op, inputs, outputs: [name, ...others] }, attributesOf(attr));
  });
};
