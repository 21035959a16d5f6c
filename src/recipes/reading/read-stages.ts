import { isMap } from "yaml";
import type { ParsedRecipe, ParsedStage } from "../parsed-recipe.js";
import { stageKindNames } from "../stages/stage-kinds.js";
import { MAX_STAGES } from "./limits.js";
import { type Entry, entriesOf, type NodeReader } from "./map-entries.js";
import { mapOf, settingsOf, textOf } from "./yaml-values.js";

/** Stage names become file names, and parts of `stage.option` on the command line. */
const STAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const STAGES = {
  expected: "stages by name",
  example: "stages: {a: {kind: train, dataset: digits}}",
};
const KIND = { expected: `one of ${stageKindNames.join(", ")}`, example: "kind: train" };

const readStage = (entry: Entry, reader: NodeReader): ParsedStage[] => {
  const { name, location } = entry;
  const { problems } = reader;
  if (!STAGE_NAME.test(name)) {
    const expected = "expected up to 64 letters, digits, _ and -, starting with a letter or digit";
    problems.push({ location, message: `${name} is not a valid stage name: ${expected}.` });
    // An entry that is not a map either was probably not meant as a stage.
    if (!isMap(entry.node)) return [];
  }
  const example = `${name}: {kind: sparse, s: 0.001}`;
  const map = mapOf(entry, { expected: "a kind and its options", example }, reader);
  if (!map) return [];
  const entries = entriesOf(map, reader);
  const kindEntry = entries.find((each) => each.name === "kind");
  if (!kindEntry) {
    const hint = `Add kind: with one of ${stageKindNames.join(", ")}.`;
    problems.push({ location, message: `${name} has no kind.`, hint });
    return [];
  }
  const kind = textOf(kindEntry, KIND, reader);
  const options = entries.filter((each) => each !== kindEntry);
  const settings = settingsOf(options, reader);
  return kind === undefined
    ? []
    : [{ name, location, kind, kindLocation: kindEntry.valueLocation, settings }];
};

/** Reads the entries of `stages:`. */
export const readStages = (
  entry: Entry,
  reader: NodeReader,
): Pick<ParsedRecipe, "stages" | "names"> => {
  const map = mapOf(entry, STAGES, reader);
  if (!map) return { stages: [], names: [] };
  const entries = entriesOf(map, reader);
  const names = entries.map(({ name }) => name);
  const { valueLocation: location } = entry;
  if (map.items.length === 0) {
    reader.problems.push({ location, message: "the recipe has no stages." });
  }
  if (entries.length > MAX_STAGES) {
    const message = `the recipe has ${entries.length} stages, more than the limit of ${MAX_STAGES}.`;
    reader.problems.push({ location, message });
    return { stages: [], names };
  }
  return { stages: entries.flatMap((each) => readStage(each, reader)), names };
};
