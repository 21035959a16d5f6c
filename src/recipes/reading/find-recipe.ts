import { readdir, stat } from "node:fs/promises";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { usageError } from "../../base/errors.js";
import { nearestName } from "../../base/nearest-name.js";
import { findMissing } from "../../files/reading/similar-files.js";
import { shellCommand } from "../../options/names/shell-command.js";

/** The folder of the package's own recipes. */
const BUILT_IN_FOLDER = fileURLToPath(new URL("../../../examples/recipes/", import.meta.url));
const ENDING = /\.ya?ml$/;

const nameOf = (path: string): string => basename(path).replace(ENDING, "");

/** The recipes that a wrong name or path could mean. */
const otherRecipes = async (asked: string, names: readonly string[]): Promise<string> => {
  const all = `The built-in recipes are ${names.join(", ")}.`;
  if (asked !== nameOf(asked)) return `${(await findMissing(asked)).hint} ${all}`;
  const nearest = nearestName(asked, names);
  return nearest === undefined
    ? `Check the path, or name a built-in recipe: ${names.join(", ")}.`
    : `Did you mean ${nearest}? ${all}`;
};

/**
 * Resolves a path, or the bare name of a built-in recipe, to the file of a recipe.
 * @throws QpruneError (usage) if there is none; suggests a built-in recipe of the same name.
 */
export const findRecipe = async (asked: string): Promise<string> => {
  const found = await stat(asked).catch(() => undefined);
  const name = nameOf(asked);
  const names = (await readdir(BUILT_IN_FOLDER).catch((): string[] => [])).map(nameOf);
  const isKnownName = names.includes(name);
  const isBuiltIn = isKnownName && name === asked;
  // A built-in recipe takes precedence over a folder of the same name.
  if (found?.isFile() || (found && !isBuiltIn)) return asked;
  if (isBuiltIn) return relative(".", `${BUILT_IN_FOLDER}${name}.yml`);
  throw usageError(
    `Cannot read the recipe ${asked}: there is no such file.`,
    isKnownName
      ? `For the built-in recipe of that name: ${shellCommand(["run", name])}`
      : await otherRecipes(asked, names),
  );
};
