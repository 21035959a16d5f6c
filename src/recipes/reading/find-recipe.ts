import { readdir, stat } from "node:fs/promises";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { usageError } from "../../base/errors.js";
import { shellCommand } from "../../options/shell-command.js";

/** The recipes of the package. */
const SHIPPED = fileURLToPath(new URL("../../../examples/recipes/", import.meta.url));
const ENDING = /\.ya?ml$/;

const nameOf = (path: string): string => basename(path).replace(ENDING, "");

/**
 * The file of a recipe: a path, or the bare name of one that ships.
 * @throws QpruneError (usage) where there is none; one that ships by that name is pointed to.
 */
export const findRecipe = async (asked: string): Promise<string> => {
  const found = await stat(asked).catch(() => undefined);
  const name = nameOf(asked);
  const names = (await readdir(SHIPPED).catch((): string[] => [])).map(nameOf);
  const ships = names.includes(name);
  const isShipped = ships && name === asked;
  // A folder of that name is no recipe.
  if (found?.isFile() || (found && !isShipped)) return asked;
  if (isShipped) return relative(".", `${SHIPPED}${name}.yml`);
  throw usageError(
    `Cannot read the recipe ${asked}: there is no such file.`,
    ships
      ? `One of that name ships: ${shellCommand(["run", name])}`
      : `Check the path, or name one that ships: ${names.join(", ")}.`,
  );
};
