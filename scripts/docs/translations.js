const singleKeys = (tableKey) => {
  const [name, commands] = tableKey.split("@");
  return commands ? commands.split(",").map((command) => `${name}@${command}`) : [name];
};

/**
 * Joins a language's tables to one map. An entry holds a translation and the English text that it translates; its key
 * stays when the English changes. Keys in the tables are
 *
 * - `train_batch_size`: the option of this name in the schemas, in every command that has it,
 * - `json@run`, `json@wqaq,prune`: the same option where these commands describe it in words of their own,
 * - `argument:file`, `argument:file@predict`: a positional argument, by the same rule,
 * - `summary:prune` and `heading:Training`.
 *
 * The map has a key for each command of a list (`json@wqaq`, `json@prune`).
 */
export const joinTables = (...tables) => {
  const joined = new Map();
  for (const [tableKey, entry] of tables.flatMap(Object.entries)) {
    for (const key of singleKeys(tableKey)) {
      if (joined.has(key)) throw new Error(`Two translations have the key ${key}.`);
      joined.set(key, { ...entry, key, tableKey });
    }
  }
  return joined;
};

/** The translation of a text (see shown-texts.js): the command's own before the shared one; undefined where there is none. */
export const findTranslation = (translations, { name, command }) =>
  translations.get(`${name}@${command}`) ?? translations.get(name);
