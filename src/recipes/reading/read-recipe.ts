import { isAbsolute } from "node:path";
import { isScalar } from "yaml";
import { nearestHint } from "../../base/nearest-name.js";
import { option } from "../../base/option-reference.js";
import { pathProblem } from "../options/path-problem.js";
import { RECIPE_FORMAT, type WrittenRecipe } from "../recipe.js";
import { foundNode } from "./found-node.js";
import { type Entry, entriesOf, type NodeReader } from "./map-entries.js";
import { parseYaml } from "./parse-yaml.js";
import { readStages } from "./read-stages.js";
import { mapOf, settingsOf, textOf } from "./yaml-values.js";

const KEYS = ["format", "about", "folder", "defaults", "stages"];

const WHOLE = {
  expected: "stages: and what belongs to them",
  example: "stages: {a: {kind: train, dataset: digits}}",
};
const ABOUT = { expected: "a text", example: "about: What the recipe is for" };
const FOLDER = { expected: "the name of a folder", example: "folder: models_save/small" };
const DEFAULTS = { expected: "options of all stages", example: "defaults: {epochs: 30}" };

const checkFormat = ({ node, valueWhere: where }: Entry, { problems }: NodeReader): void => {
  if (node === undefined || (isScalar(node) && node.value === RECIPE_FORMAT)) return;
  const expected = `expected ${RECIPE_FORMAT}, the one that this version of qprune reads`;
  problems.push({ where, message: `format: found ${foundNode(node)}, ${expected}.` });
};

/** A recipe writes below the folder that it is called in, whoever it is from; --folder may say otherwise. */
const checkFolder = (entry: Entry, reader: NodeReader): string | undefined => {
  const folder = textOf(entry, FOLDER, reader);
  const problem = folder === undefined ? undefined : pathProblem(folder);
  if (problem) {
    const { found, expected, hint } = problem;
    const message = `folder: found ${found}, expected ${expected}.`;
    reader.problems.push({ where: entry.valueWhere, message, hint });
    return undefined;
  }
  if (folder === undefined || (!isAbsolute(folder) && !folder.split(/[/\\]/).includes(".."))) {
    return folder;
  }
  const message = `folder ${folder}: expected one below the folder that qprune is called in.`;
  const hint = `Choose any other with ${option("folder")}.`;
  reader.problems.push({ where: entry.valueWhere, message, hint });
  return undefined;
};

const checkKeys = (entries: readonly Entry[], { problems }: NodeReader): void => {
  for (const { name, where } of entries) {
    if (KEYS.includes(name)) continue;
    problems.push({ where, message: `a recipe has no ${name}.`, hint: nearestHint(name, KEYS) });
  }
};

/** The entries of the recipe as a whole. */
const wholeOf = (reader: NodeReader): Entry[] => {
  const { document, whereIs } = reader.file;
  const where = whereIs(0);
  const whole = { node: document.contents, name: "the recipe", valueWhere: where };
  if (whole.node === null) {
    const hint = `It needs stages, for example ${WHOLE.example}.`;
    reader.problems.push({ where, message: "the recipe is empty.", hint });
  }
  const map = whole.node && mapOf(whole, WHOLE, reader);
  const entries = map ? entriesOf(map, reader) : [];
  checkKeys(entries, reader);
  if (map && !entries.some(({ name }) => name === "stages")) {
    reader.problems.push({ where, message: "there are no stages." });
  }
  return entries;
};

/**
 * Reads what a recipe says; its stages and options are not looked up yet. What is wrong goes with it, so that
 * it is told beside what is wrong with them.
 * @throws QpruneError (usage) with line and column for what is no YAML.
 */
export const readRecipe = (text: string, path: string): WrittenRecipe => {
  const file = parseYaml(text, path);
  const reader: NodeReader = { file, problems: [...file.problems] };
  const entries = wholeOf(reader);
  const named = (name: string) => entries.find((each) => each.name === name);
  const [format, about, folder, defaults, stages] = KEYS.map(named);
  if (format) checkFormat(format, reader);
  const defaultsMap = defaults && mapOf(defaults, DEFAULTS, reader);
  return {
    path,
    about: about && textOf(about, ABOUT, reader),
    folder: folder && checkFolder(folder, reader),
    defaults: defaultsMap ? settingsOf(entriesOf(defaultsMap, reader), reader) : [],
    ...(stages ? readStages(stages, reader) : { stages: [], names: [] }),
    problems: reader.problems,
  };
};
