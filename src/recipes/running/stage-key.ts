import { createHash } from "node:crypto";
import { z } from "zod";
import { effectOf } from "../../options/flag.js";
import { RECIPE_FORMAT } from "../recipe.js";
import type { Stage, StageInput } from "../stages/stage.js";
import { inputText } from "../stages/stage-inputs.js";
import { stageSchema } from "../stages/stage-kinds.js";

/** Everything that decides what a stage writes. */
export const stagePartsSchema = z.object({
  command: z.string(),
  options: z.record(z.string(), z.unknown()),
  /** SHA-256 of each file that is read, by the option that names it. */
  inputs: z.record(z.string(), z.string()),
  /** Of the images; null where there are none. */
  data: z.string().nullable(),
});
export type StageParts = z.output<typeof stagePartsSchema>;

/** Whether an option decides what a stage writes. */
const decides = (schema: z.ZodObject, key: string): boolean => {
  const effect = effectOf(schema, key);
  return effect !== "feeding" && effect !== "only this call";
};

/** What a list of files is called, of which one is named: "sparse in files". */
const IN_LIST = " in ";

/** The name of an input among the parts: its option, and in a list what the recipe calls it. */
export const inputPart = (input: StageInput, { options }: Stage): string =>
  Array.isArray(options[input.key]) ? inputText(input) + IN_LIST + input.key : input.key;

/**
 * The options that decide what a stage writes; files are told by their bytes, and so is `arch` where it is one.
 * A list of files counts with its order and names, which its stage shows.
 */
export const decidingOptions = (stage: Stage): Record<string, unknown> => {
  const { options, inputs, outputs } = stage;
  const schema = stageSchema(stage);
  const single = inputs.filter(({ key }) => !Array.isArray(options[key]));
  const files = new Set([...single, ...outputs].map(({ key }) => key));
  return Object.fromEntries(
    Object.entries(options)
      .filter(([key, value]) => value !== undefined && decides(schema, key) && !files.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};

const sorted = (record: Readonly<Record<string, unknown>>): unknown =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** One digest of all of that, and of the format that recipes have. */
export const stageKey = ({ command, options, inputs, data }: StageParts): string =>
  createHash("sha256")
    .update(JSON.stringify([RECIPE_FORMAT, command, sorted(options), sorted(inputs), data]))
    .digest("hex");

const shown = (value: unknown): string => {
  if (value === undefined) return "none";
  return Array.isArray(value) ? value.join(",") || "none" : String(value);
};

/** A stage reads images or does not, by its options; what it read may have changed. */
const dataChange = (before: string | null, now: string | null): string[] => {
  if (before === now) return [];
  if (before === null) return ["reads images now"];
  return now === null ? ["reads no images any more"] : ["the images changed"];
};

/** In words what is not as it was: "epochs 1 -> 2", "refine is another file". */
export const changesOf = (before: StageParts, now: StageParts): string[] => {
  const keys = [...new Set([...Object.keys(before.options), ...Object.keys(now.options)])];
  const changed = keys.filter(
    (key) => JSON.stringify(before.options[key]) !== JSON.stringify(now.options[key]),
  );
  const options = changed.map(
    (key) => `${key} ${shown(before.options[key])} -> ${shown(now.options[key])}`,
  );
  const files = [...new Set([...Object.keys(before.inputs), ...Object.keys(now.inputs)])]
    .filter((key) => before.inputs[key] !== now.inputs[key])
    // A list that is another one tells its files.
    .filter((key) => !changed.some((list) => key.endsWith(IN_LIST + list)))
    .map((key) => `the file of ${key} changed`);
  return [
    ...(before.command === now.command ? [] : [`${before.command} -> ${now.command}`]),
    ...options,
    ...files,
    ...dataChange(before.data, now.data),
  ];
};
