/** What a file is, as its first bytes show it. */
export interface FileKind {
  /** With its article, as in "a gzip archive". */
  readonly what: string;
  /** What to do wherever another kind of file was expected; absent where that depends on what was expected. */
  readonly hint?: string;
  /** What to do where a net was expected. */
  readonly netHint?: string;
  /** Whether it is a text that may be YAML, JSON or anything else that people write. */
  readonly isWritten?: boolean;
}
