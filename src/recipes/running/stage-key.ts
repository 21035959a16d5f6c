import { createHash } from "node:crypto";
import { z } from "zod";
import { effectOf } from "../../options/flag.js";
import { RECIPE_FORMAT } from "../parsed-recipe.js";
import type { Stage, StageInput } from "../stages/stage.js";
import { inputText } from "../stages/stage-inputs.js";
import { stageSchema } from "../stages/stage-kinds.js";

/** Everything that determines what a stage writes. */
export const stagePartsSchema = z.object({
  command: z.string(),
  options: z.record(z.string(), z.unknown()),
  /** SHA-256 of each file that the stage reads, by the option that names it. */
  inputs: z.record(z.string(), z.string()),
  /** Digest of the images; null without images. */
  data: z.string().nullable(),
});
export type StageParts = z.output<typeof stagePartsSchema>;

/** Whether an option affects what a stage writes. */
const affectsOutput = (schema: z.ZodObject, key: string): boolean => {
  const effect = effectOf(schema, key);
  return effect !== "feeding" && effect !== "only this call";
};

/** Joins the name of a file and the option of the list that it is in: "sparse in files". */
const IN_LIST = " in ";

/** The key of an input in {@link StageParts}: its option, and for lists also the item as the recipe names it. */
export const inputPart = (input: StageInput, { options }: Stage): string =>
  Array.isArray(options[input.key]) ? inputText(input) + IN_LIST + input.key : input.key;

/**
 * The options that determine what a stage writes. Options that name single files are left out, since the bytes of the
 * files count. Lists of files are included: their order and names appear in the output.
 */
export const decidingOptions = (stage: Stage): Record<string, unknown> => {
  const { options, inputs, outputs } = stage;
  const schema = stageSchema(stage);
  const single = inputs.filter(({ key }) => !Array.isArray(options[key]));
  const files = new Set([...single, ...outputs].map(({ key }) => key));
  return Object.fromEntries(
    Object.entries(options)
      .filter(
        ([key, value]) => value !== undefined && affectsOutput(schema, key) && !files.has(key),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};

const sorted = (record: Readonly<Record<string, unknown>>): unknown =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** A digest of a stage's parts and of the recipe format. */
export const stageKey = ({ command, options, inputs, data }: StageParts): string =>
  createHash("sha256")
    .update(JSON.stringify([RECIPE_FORMAT, command, sorted(options), sorted(inputs), data]))
    .digest("hex");

const shown = (value: unknown): string => {
  if (value === undefined) return "none";
  return Array.isArray(value) ? value.join(",") || "none" : String(value);
};

/** How the images of a stage changed: whether it reads any depends on its options. */
const dataChange = (before: string | null, now: string | null): string[] => {
  if (before === now) return [];
  if (before === null) return ["now reads images"];
  return now === null ? ["no longer reads images"] : ["the images changed"];
};

/** What changed, in words: "epochs 1 -> 2", "the file of refine changed". */
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
    // A changed list already shows its files.
    .filter((key) => !changed.some((list) => key.endsWith(IN_LIST + list)))
    .map((key) => `the file of ${key} changed`);
  return [
    ...(before.command === now.command ? [] : [`${before.command} -> ${now.command}`]),
    ...options,
    ...files,
    ...dataChange(before.data, now.data),
  ];
};
