import type { QpruneError } from "../base/errors.js";

/** Explains on one line why the JavaScript engine is used. */
export const fallbackText = ({ message, hint }: Pick<QpruneError, "message" | "hint">): string =>
  `Using the slower JavaScript engine: ${[message, hint].filter(Boolean).join(" ").replace(/\s+/g, " ")}`;
