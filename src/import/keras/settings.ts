import { z } from "zod";
import type { Pair } from "../../graph/window.js";
import type { PlainAttributes, ReadNode } from "../operators/read-node.js";
import { Unsupported } from "../unsupported.js";

/** Whether a setting is on. */
export const hasFlag = (node: ReadNode, name: string, otherwise: boolean): boolean =>
  node.int(name, Number(otherwise)) !== 0;

/** A number, or the only one of a list. */
export const numberOf = (node: ReadNode, name: string, otherwise: number): number =>
  node.ints(name)?.[0] ?? node.int(name, otherwise);

/** Two numbers, for rows and columns, or one for both. */
export const pairOf = (node: ReadNode, name: string, otherwise: Pair): Pair => {
  const numbers = node.ints(name);
  if (!numbers) {
    const both = node.int(name, 0);
    return both > 0 ? [both, both] : otherwise;
  }
  const [rows, columns = rows, ...more] = numbers;
  if (rows !== undefined && columns !== undefined && more.length === 0) return [rows, columns];
  throw new Unsupported(`has ${numbers.length} numbers as its ${name}, not 2`);
};

const described = z.object({
  class_name: z.string().optional(),
  config: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
});

/** The name of an activation: itself, or the function or class that it describes. */
const activationOf = (raw: unknown): unknown => {
  if (raw === null || raw === undefined || typeof raw === "string") return raw ?? "linear";
  const { data } = described.safeParse(raw);
  if (typeof data?.config === "string") return data.config;
  return data?.class_name?.toLowerCase() ?? "unknown";
};

const bordersSchema = z.union([
  z.number().transform((all) => [all, all, all, all]),
  z.tuple([z.number(), z.number()]).transform(([rows, columns]) => [rows, rows, columns, columns]),
  z
    .tuple([z.tuple([z.number(), z.number()]), z.tuple([z.number(), z.number()])])
    .transform((pairs) => pairs.flat()),
]);

/** The configuration of a layer as attributes of a node. */
export const settingsOf = (
  className: string,
  config: Readonly<Record<string, unknown>>,
): PlainAttributes => ({
  ...config,
  ...("activation" in config && { activation: activationOf(config.activation) }),
  ...(className === "ZeroPadding2D" && { borders: bordersSchema.safeParse(config.padding).data }),
});
