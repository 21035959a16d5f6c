/** About five times the size of a recipe with 100 stages. */
export const MAX_RECIPE_BYTES = 2 ** 16;

/** Recipes use a few aliases; texts that expand exponentially use hundreds. */
export const MAX_ALIASES = 50;

/** Nobody reads a report of more stages. */
export const MAX_STAGES = 100;

/** A list in a stage is at depth 4. The parser recurses, so deep nesting would overflow the stack. */
export const MAX_DEPTH = 16;
