/** Where something of a recipe was said: in its file, counted from 1, or by a flag as it was typed. */
export type Where =
  | { readonly kind: "file"; readonly line: number; readonly column: number }
  | { readonly kind: "flag"; readonly text: string };

/** As editors and terminals take it: `recipe.yml:3:5`. */
export const placeText = (path: string, where: Where): string =>
  where.kind === "file" ? `${path}:${where.line}:${where.column}` : where.text;
