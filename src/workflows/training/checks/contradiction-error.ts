import { QpruneError } from "../../../base/errors.js";

/** The error for an option that contradicts a given file. */
export const contradictionError = (
  what: string,
  { path }: { readonly path: string },
  hint: string,
): QpruneError => new QpruneError(`${what}, which contradicts ${path}.`, { kind: "usage", hint });
