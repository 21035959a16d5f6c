import type { ErrorCode } from "./error-codes.js";
import { camelCase, withOptionNames } from "./option-reference.js";

/** Options of a {@link QpruneError}. Texts name options by `option(key)`, never by a flag. */
export interface QpruneErrorOptions {
  /** What the user can do about it, as a full sentence. */
  readonly hint?: string;
  /** The kind of error for programs; the command line looks up advice about flags by it. */
  readonly code?: ErrorCode;
  /** Values that advice by `code` needs, such as the path of a file. */
  readonly details?: ErrorDetails;
  /**
   * `usage`: the command was used incorrectly (exit code 2); `failure`: it could not be completed (1); `temporary`: the same
   * command may be completed later (75).
   */
  readonly kind?: ErrorKind;
  readonly cause?: unknown;
}

export type ErrorKind = "usage" | "failure" | "temporary";

/** Values of an error, by name. */
export type ErrorDetails = Readonly<Record<string, string | number | readonly string[]>>;

/** An error for users: what was wrong, the value, what was expected, and what to do. */
export class QpruneError extends Error {
  readonly hint: string | undefined;
  readonly code: ErrorCode | undefined;
  readonly details: ErrorDetails;
  readonly kind: ErrorKind;
  /** Message and hint with references to options in them (see option-reference.ts). */
  readonly template: { readonly message: string; readonly hint: string | undefined };

  constructor(message: string, options: QpruneErrorOptions = {}) {
    super(
      withOptionNames(message, camelCase),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = "QpruneError";
    this.template = { message, hint: options.hint };
    this.hint = options.hint && withOptionNames(options.hint, camelCase);
    this.code = options.code;
    this.details = options.details ?? {};
    this.kind = options.kind ?? "failure";
  }
}

/** The error of a wrong call (exit code 2). */
export const usageError = (
  message: string,
  hint: string,
  options: Pick<QpruneErrorOptions, "code" | "details"> = {},
): QpruneError => new QpruneError(message, { ...options, kind: "usage", hint });
