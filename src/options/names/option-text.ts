/** A value of an option in a recipe or a program, before its schema checks it. */
export type OptionValue = string | number | boolean | readonly (string | number | boolean)[];

/** A value of an option on the command line: the text after the flag, or whether the flag is set. */
export type OptionText = string | boolean;

/** A value as on the command line; lists are joined by commas. */
export const optionText = (value: OptionValue): OptionText => {
  if (typeof value === "boolean") return value;
  return Array.isArray(value) ? value.join(",") : String(value);
};
