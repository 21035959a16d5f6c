interface Translation {
  /** The text that it translates, to notice when that text changes. */
  readonly english: string;
  readonly translation: string;
}

export type TranslationTable = Readonly<Record<string, Translation>>;

/** By key; `tableKey` is the key in the table, which may list several commands. */
export type Translations = ReadonlyMap<
  string,
  Translation & { readonly key: string; readonly tableKey: string }
>;

export const joinTables: (...tables: readonly TranslationTable[]) => Translations;
