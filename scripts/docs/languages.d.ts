import type { Translations } from "./translations.js";

/** A language of the page of all commands. */
export interface PageLanguage {
  /** The page's name in docs/. */
  readonly file: string;
  readonly title: string;
  /** Lines of Markdown under the title. */
  readonly introduction: readonly string[];
  /** Heads of the tables of flags: the flag, what it does, its default. */
  readonly columns: readonly [string, string, string];
  /** Introduces the plain name of a command. */
  readonly alias: string;
  /** The heading above what a call of the command printed. */
  readonly printed: string;
  readonly colon: string;
  readonly fullStop: string;
  /** The commands' texts in this language; none for English. */
  readonly translations?: Translations;
}

export const languages: readonly PageLanguage[];
