import type { ErrorCode } from "../base/error-codes.js";

/** The kind of a file, recognized by its first bytes. */
export interface FileKind {
  /** With its article, as in "a gzip archive". */
  readonly what: string;
  /** What to do if another kind was expected; absent if that depends on the expected kind. */
  readonly hint?: string;
  /** What to do if a net was expected. */
  readonly netHint?: string;
  /** Code of the error if a net was expected. */
  readonly netCode?: ErrorCode;
  /** Whether it is text that may be YAML, JSON or anything else that people write by hand. */
  readonly isWritten?: boolean;
}
