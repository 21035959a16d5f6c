/** What an option may be in a recipe or a program; its schema decides whether it may. */
export type OptionValue = string | number | boolean | readonly (string | number | boolean)[];

/** An option's value on the command line: what follows the flag, or whether it is set. */
export type OptionText = string | boolean;

/** The text of a value; lists are joined by commas. */
export const optionText = (value: OptionValue): OptionText => {
  if (typeof value === "boolean") return value;
  return Array.isArray(value) ? value.join(",") : String(value);
};
