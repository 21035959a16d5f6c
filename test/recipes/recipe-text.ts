import { makeRecipe } from "../../src/recipes/make-recipe.js";
import { readRecipe } from "../../src/recipes/reading/read-recipe.js";
import type { Recipe } from "../../src/recipes/stages/stage.js";

/** The recipe of a text, with settings as --set takes them. */
export const recipeOf = (text: string, sets: readonly string[] = []): Promise<Recipe> =>
  makeRecipe(readRecipe(text, "recipe.yml"), { folder: undefined, sets });

/** What is said of a recipe that is wrong. */
export const refusalOf = async (text: string, sets: readonly string[] = []): Promise<string> => {
  try {
    await recipeOf(text, sets);
  } catch (error) {
    const { message, kind, hint } = error as { message: string; kind: string; hint: string };
    return `${kind}: ${message} ${hint}`;
  }
  return "taken";
};
