import { makeRecipe } from "../../src/recipes/make-recipe.js";
import { readRecipe } from "../../src/recipes/reading/read-recipe.js";
import type { Recipe } from "../../src/recipes/stages/stage.js";

/** Makes the recipe of a text, with settings as --set takes them. */
export const recipeOf = (text: string, sets: readonly string[] = []): Promise<Recipe> =>
  makeRecipe(readRecipe(text, "recipe.yml"), { folder: undefined, sets });

/** Kind, message and hint of the error for an invalid recipe; "accepted" for a valid one. */
export const refusalOf = async (text: string, sets: readonly string[] = []): Promise<string> => {
  try {
    await recipeOf(text, sets);
  } catch (error) {
    const { message, kind, hint } = error as { message: string; kind: string; hint: string };
    return `${kind}: ${message} ${hint}`;
  }
  return "accepted";
};
