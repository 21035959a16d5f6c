/** A recipe of a hundred stages takes a fifth of it. */
export const MAX_RECIPE_BYTES = 2 ** 16;

/** Anchors save a few repetitions; texts that grow on being read have hundreds. */
export const MAX_ALIASES = 50;

/** Stages of one recipe; a report of more is read by nobody. */
export const MAX_STAGES = 100;

/** A stage's list of values is the fourth collection around them. The parser recurses, and a stack has an end. */
export const MAX_DEPTH = 16;
