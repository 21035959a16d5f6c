/** Where part of a recipe comes from: a position in its file, counted from 1, or a flag as it was typed. */
export type SourceLocation =
  | { readonly kind: "file"; readonly line: number; readonly column: number }
  | { readonly kind: "flag"; readonly text: string };

/** A location as editors and terminals link it: `recipe.yml:3:5`. */
export const locationText = (path: string, location: SourceLocation): string =>
  location.kind === "file" ? `${path}:${location.line}:${location.column}` : location.text;
