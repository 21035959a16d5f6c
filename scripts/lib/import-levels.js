const IMPORTS_RULE = /^(.+)-imports$/;

/** What each folder of src may import, read from the rules of dependency-cruiser: a Map of names to arrays of names. */
export const readAllowedImports = ({ forbidden }) => {
  const allowed = new Map();
  for (const { name, to } of forbidden) {
    const [, folder] = IMPORTS_RULE.exec(name) ?? [];
    const [, names] = /\(([^)]*)\)/.exec(to.pathNot ?? "") ?? [];
    if (!folder || names === undefined) continue;
    allowed.set(
      folder,
      names.split("|").filter((each) => each !== folder),
    );
  }
  return allowed;
};

/** Folders in levels, the lowest first: a folder is one level above the highest that it may import. */
export const importLevels = (allowed) => {
  const levels = new Map();
  const levelOf = (folder) => {
    if (!levels.has(folder)) {
      const below = (allowed.get(folder) ?? []).map(levelOf);
      levels.set(folder, below.length === 0 ? 0 : Math.max(...below) + 1);
    }
    return levels.get(folder);
  };
  for (const folder of allowed.keys()) levelOf(folder);
  const rows = [];
  for (const [folder, level] of levels) {
    rows[level] ??= [];
    rows[level].push(folder);
  }
  return rows.map((row) => row.sort());
};
