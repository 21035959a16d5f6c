import { isMap } from "yaml";
import type { WrittenRecipe, WrittenStage } from "../recipe.js";
import { stageKindNames } from "../stages/stage-kinds.js";
import { MAX_STAGES } from "./limits.js";
import { type Entry, entriesOf, type NodeReader } from "./map-entries.js";
import { mapOf, settingsOf, textOf } from "./yaml-values.js";

/** It names files, and `stage.option` on the command line. */
const STAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const STAGES = {
  expected: "stages by their names",
  example: "stages: {a: {kind: train, dataset: digits}}",
};
const KIND = { expected: `one of ${stageKindNames.join(", ")}`, example: "kind: train" };

const readStage = (entry: Entry, reader: NodeReader): WrittenStage[] => {
  const { name, where } = entry;
  const { problems } = reader;
  if (!STAGE_NAME.test(name)) {
    const expected = "expected up to 64 letters, digits, _ and -, of which the first is no _ or -";
    problems.push({ where, message: `${name} is no name of a stage: ${expected}.` });
    // What is no stage either was perhaps never meant to be one.
    if (!isMap(entry.node)) return [];
  }
  const example = `${name}: {kind: sparse, s: 0.001}`;
  const map = mapOf(entry, { expected: "a kind and its options", example }, reader);
  if (!map) return [];
  const entries = entriesOf(map, reader);
  const kindEntry = entries.find((each) => each.name === "kind");
  if (!kindEntry) {
    const hint = `There are ${stageKindNames.join(", ")}.`;
    problems.push({ where, message: `${name} has no kind.`, hint });
    return [];
  }
  const kind = textOf(kindEntry, KIND, reader);
  const options = entries.filter((each) => each !== kindEntry);
  const settings = settingsOf(options, reader);
  return kind === undefined
    ? []
    : [{ name, where, kind, kindWhere: kindEntry.valueWhere, settings }];
};

/** Reads what stands under `stages:`. */
export const readStages = (
  entry: Entry,
  reader: NodeReader,
): Pick<WrittenRecipe, "stages" | "names"> => {
  const map = mapOf(entry, STAGES, reader);
  if (!map) return { stages: [], names: [] };
  const entries = entriesOf(map, reader);
  const names = entries.map(({ name }) => name);
  const { valueWhere: where } = entry;
  if (map.items.length === 0) reader.problems.push({ where, message: "there are no stages." });
  if (entries.length > MAX_STAGES) {
    const message = `there are ${entries.length} stages (at most ${MAX_STAGES} are read).`;
    reader.problems.push({ where, message });
    return { stages: [], names };
  }
  return { stages: entries.flatMap((each) => readStage(each, reader)), names };
};
