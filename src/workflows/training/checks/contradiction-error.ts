import { QpruneError } from "../../../base/errors.js";

/** An option that contradicts a given file. */
export const contradiction = (
  what: string,
  { path }: { readonly path: string },
  hint: string,
): QpruneError => new QpruneError(`${what}, which contradicts ${path}.`, { kind: "usage", hint });
