import type { OptionValue } from "../recipe.js";

/** An option's value as the command line has it: what stands behind the flag, or whether it is set. */
export type OptionText = string | boolean;

/** Lists are numbers with commas between there. */
export const optionText = (value: OptionValue): OptionText => {
  if (typeof value === "boolean") return value;
  return Array.isArray(value) ? value.join(",") : String(value);
};
