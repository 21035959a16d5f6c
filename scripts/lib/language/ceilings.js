/** A count this far below its ceiling asks for a lower ceiling, so that phrases do not come back. */
const SLACK_SHARE = 0.1;
const MIN_SLACK = 5;

/** The longest folder of `folders` that a path lies in; "." takes what lies in no other. */
const folderOf = (path, folders) =>
  folders
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0] ?? ".";

/** How many of the phrases found lie in each folder that has a ceiling, and in "." for the rest. */
export const countByFolder = (found, ceilings) => {
  const folders = [...new Set([".", ...Object.keys(ceilings)])];
  const counts = Object.fromEntries(folders.map((folder) => [folder, 0]));
  for (const { path } of found) counts[folderOf(path, folders)] += 1;
  return counts;
};

/** The phrases of one folder. */
export const foundIn = (folder, found, ceilings) =>
  found.filter(({ path }) => folderOf(path, Object.keys(ceilings)) === folder);

/** Folders with more phrases than allowed, and folders whose ceiling can come down. */
export const compareWithCeilings = (counts, ceilings) => {
  const rows = Object.entries(counts).map(([folder, count]) => ({
    folder,
    count,
    ceiling: ceilings[folder] ?? 0,
  }));
  const isLoose = ({ count, ceiling }) =>
    ceiling - count > Math.max(MIN_SLACK, SLACK_SHARE * ceiling) || (count === 0 && ceiling > 0);
  return {
    above: rows.filter(({ count, ceiling }) => count > ceiling),
    loose: rows.filter(isLoose),
  };
};
