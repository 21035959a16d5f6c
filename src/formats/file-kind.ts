/** What a file is, as its first bytes show it. */
export interface FileKind {
  /** With its article, as in "a gzip archive". */
  readonly what: string;
  /** What to do where another kind of file was expected; absent where nothing more is to be said. */
  readonly hint?: string;
}
