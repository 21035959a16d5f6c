import { QpruneError } from "../../../base/errors.js";

/** A flag that says something else than a given file. */
export const contradiction = (
  what: string,
  { path }: { readonly path: string },
  hint: string,
): QpruneError => new QpruneError(`${what}, which contradicts ${path}.`, { kind: "usage", hint });
