import { isAbsolute } from "node:path";
import { isScalar } from "yaml";
import { MAX_STAGES } from "./limits.js";
import { nearestHint } from "./nearest-name.js";
import { parseYaml } from "./parse-yaml.js";
import { RECIPE_FORMAT, type WrittenRecipe, type WrittenStage } from "./recipe.js";
import { refuseProblems } from "./recipe-problem.js";
import {
  type Entry,
  entriesOf,
  mapOf,
  type NodeReader,
  settingsOf,
  textOf,
} from "./yaml-values.js";

const KEYS = ["format", "about", "folder", "defaults", "stages"];
/** It names files, and `stage.option` on the command line. */
const STAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const readStage = (entry: Entry, reader: NodeReader): WrittenStage[] => {
  const { name, where } = entry;
  if (!STAGE_NAME.test(name)) {
    const message = `${name} is no name of a stage: expected letters, digits, _ and -.`;
    reader.problems.push({ where, message });
  }
  const map = mapOf(entry, "a kind and its options, as in { kind: sparse, s: 0.001 }", reader);
  if (!map) return [];
  const entries = entriesOf(map, reader);
  const kindEntry = entries.find((each) => each.name === "kind");
  if (!kindEntry) {
    reader.problems.push({ where, message: `${name} has no kind.` });
    return [];
  }
  const kind = textOf(kindEntry, reader);
  const settings = settingsOf(
    entries.filter((each) => each !== kindEntry),
    reader,
  );
  return kind === undefined
    ? []
    : [{ name, where, kind, kindWhere: kindEntry.valueWhere, settings }];
};

const readStages = (entry: Entry, reader: NodeReader): WrittenStage[] => {
  const map = mapOf(entry, "stages by their names", reader);
  if (!map) return [];
  const entries = entriesOf(map, reader);
  const { valueWhere: where } = entry;
  if (map.items.length === 0) reader.problems.push({ where, message: "there are no stages." });
  if (entries.length > MAX_STAGES) {
    const message = `there are ${entries.length} stages (at most ${MAX_STAGES} are read).`;
    reader.problems.push({ where, message });
    return [];
  }
  return entries.flatMap((each) => readStage(each, reader));
};

const checkFormat = ({ node, valueWhere: where }: Entry, { problems }: NodeReader): void => {
  if (isScalar(node) && node.value === RECIPE_FORMAT) return;
  const message = `format: expected ${RECIPE_FORMAT}, the one that this version of qprune reads.`;
  problems.push({ where, message });
};

/** A recipe writes below the folder that it is called in, whoever it is from; --folder may say otherwise. */
const checkFolder = (entry: Entry, reader: NodeReader): string | undefined => {
  const folder = textOf(entry, reader);
  if (folder === undefined || (!isAbsolute(folder) && !folder.split(/[/\\]/).includes(".."))) {
    return folder;
  }
  const message = `folder ${folder}: expected one below the folder that qprune is called in.`;
  const hint = "Any other is chosen by --folder.";
  reader.problems.push({ where: entry.valueWhere, message, hint });
  return undefined;
};

const checkKeys = (entries: readonly Entry[], { problems }: NodeReader): void => {
  for (const { name, where } of entries) {
    if (KEYS.includes(name)) continue;
    problems.push({ where, message: `a recipe has no ${name}.`, hint: nearestHint(name, KEYS) });
  }
};

/**
 * Reads what a recipe says; its stages and options are not looked up yet.
 * @throws QpruneError (usage) with line and column of everything that is wrong.
 */
export const readRecipe = (text: string, path: string): WrittenRecipe => {
  const file = parseYaml(text, path);
  const reader: NodeReader = { file, problems: [] };
  const { contents } = file.document;
  const whole = { node: contents, name: "the recipe", valueWhere: file.whereIs(0) };
  const map = mapOf(whole, "stages: and what belongs to them", reader);
  const entries = map ? entriesOf(map, reader) : [];
  checkKeys(entries, reader);
  const named = (name: string) => entries.find((each) => each.name === name);
  const [format, about, folder, defaults, stages] = KEYS.map(named);
  if (format) checkFormat(format, reader);
  if (map && !stages) {
    reader.problems.push({ where: whole.valueWhere, message: "there are no stages." });
  }
  const defaultsMap = defaults && mapOf(defaults, "options of all stages", reader);
  const recipe = {
    path,
    about: about && textOf(about, reader),
    folder: folder && checkFolder(folder, reader),
    defaults: defaultsMap ? settingsOf(entriesOf(defaultsMap, reader), reader) : [],
    stages: stages ? readStages(stages, reader) : [],
  };
  refuseProblems(path, reader.problems);
  return recipe;
};
