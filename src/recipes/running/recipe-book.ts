import { type RecipeState, recordOf, type StageRecord, writeRecipeState } from "./recipe-state.js";

/** What is known of the stages, on the disk as soon as it is known here. */
export const openRecipeBook = (folder: string, known: RecipeState) => {
  let state = known;
  return {
    recordOf: (name: string): StageRecord | undefined => recordOf(state, name),
    save: async (name: string, record: StageRecord): Promise<void> => {
      state = { ...state, [name]: record };
      await writeRecipeState(folder, state);
    },
  };
};
export type RecipeBook = ReturnType<typeof openRecipeBook>;
