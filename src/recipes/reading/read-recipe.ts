import { isAbsolute } from "node:path";
import { isScalar } from "yaml";
import { nearestHint } from "../../base/nearest-name.js";
import { option } from "../../base/option-reference.js";
import { pathProblem } from "../options/path-problem.js";
import { type ParsedRecipe, RECIPE_FORMAT } from "../parsed-recipe.js";
import { describeNode } from "./describe-node.js";
import { type Entry, entriesOf, type NodeReader } from "./map-entries.js";
import { parseYaml } from "./parse-yaml.js";
import { readStages } from "./read-stages.js";
import { mapOf, settingsOf, textOf } from "./yaml-values.js";

const KEYS = ["format", "about", "folder", "defaults", "stages"];

const WHOLE = {
  expected: "a map with stages",
  example: "stages: {a: {kind: train, dataset: digits}}",
};
const ABOUT = { expected: "text", example: "about: What the recipe is for" };
const FOLDER = { expected: "the name of a folder", example: "folder: models_save/small" };
const DEFAULTS = { expected: "options for all stages", example: "defaults: {epochs: 30}" };

const checkFormat = ({ node, valueLocation: location }: Entry, { problems }: NodeReader): void => {
  if (node === undefined || (isScalar(node) && node.value === RECIPE_FORMAT)) return;
  const expected = `expected ${RECIPE_FORMAT}, the format that this version of qprune reads`;
  problems.push({ location, message: `format: found ${describeNode(node)}, ${expected}.` });
};

/** A recipe may only choose a folder below the current one, since it may come from anyone; users may choose any folder. */
const checkFolder = (entry: Entry, reader: NodeReader): string | undefined => {
  const folder = textOf(entry, FOLDER, reader);
  const problem = folder === undefined ? undefined : pathProblem(folder);
  if (problem) {
    const { found, expected, hint } = problem;
    const message = `folder: found ${found}, expected ${expected}.`;
    reader.problems.push({ location: entry.valueLocation, message, hint });
    return undefined;
  }
  if (folder === undefined || (!isAbsolute(folder) && !folder.split(/[/\\]/).includes(".."))) {
    return folder;
  }
  const message = `folder ${folder}: expected a folder below the current one.`;
  const hint = `To write elsewhere, use ${option("folder")}.`;
  reader.problems.push({ location: entry.valueLocation, message, hint });
  return undefined;
};

const checkKeys = (entries: readonly Entry[], { problems }: NodeReader): void => {
  for (const { name, location } of entries) {
    if (KEYS.includes(name)) continue;
    problems.push({ location, message: `unknown key ${name}.`, hint: nearestHint(name, KEYS) });
  }
};

/** The top-level entries of the recipe. */
const topLevelEntries = (reader: NodeReader): Entry[] => {
  const { document, locationAt } = reader.file;
  const location = locationAt(0);
  const whole = { node: document.contents, name: "the recipe", valueLocation: location };
  if (whole.node === null) {
    const hint = `It needs stages, for example ${WHOLE.example}.`;
    reader.problems.push({ location, message: "the recipe is empty.", hint });
  }
  const map = whole.node && mapOf(whole, WHOLE, reader);
  const entries = map ? entriesOf(map, reader) : [];
  checkKeys(entries, reader);
  if (map && !entries.some(({ name }) => name === "stages")) {
    reader.problems.push({ location, message: "the recipe has no stages." });
  }
  return entries;
};

/**
 * Reads a recipe without resolving its stages and options. The result carries the problems found so far, so that
 * they can be reported together with later ones.
 * @throws QpruneError (usage) with line and column for invalid YAML.
 */
export const readRecipe = (text: string, path: string): ParsedRecipe => {
  const file = parseYaml(text, path);
  const reader: NodeReader = { file, problems: [...file.problems] };
  const entries = topLevelEntries(reader);
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
