/** Options of a {@link QpruneError}. */
export interface QpruneErrorOptions {
  /** What the user can do about it, as a full sentence or a command. */
  readonly hint?: string;
  /** `usage`: the command was called wrongly (exit code 2); `failure`: it could not be done (1). */
  readonly kind?: "usage" | "failure";
  readonly cause?: unknown;
}

/** An error that is meant to be read: what was wrong, the value, what was expected, and what to do. */
export class QpruneError extends Error {
  readonly hint: string | undefined;
  readonly kind: "usage" | "failure";

  constructor(message: string, options: QpruneErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "QpruneError";
    this.hint = options.hint;
    this.kind = options.kind ?? "failure";
  }
}

/** The error of a call that was made wrongly (exit code 2). */
export const usageError = (message: string, hint: string): QpruneError =>
  new QpruneError(message, { kind: "usage", hint });
