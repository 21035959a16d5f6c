/** The table of docs/results.md: a row for each net that ships, with its accuracy on all test images. */

const HEADER = ["| net | test accuracy | packed bytes |", "|---|---|---|"];
const ROW = /^\| `([\w-]+)` \| ([\d.]+)% \| ([\d,]+) \|$/;
/** The lines between which the table is written. */
export const TABLE_START = "<!-- nets: npm run results -- --record writes this table -->";
export const TABLE_END = "<!-- end of nets -->";

/** The nets that a page lists, by name. */
export const readRows = (page) =>
  new Map(
    page
      .split("\n")
      .map((line) => ROW.exec(line))
      .filter(Boolean)
      .map(([, name, accuracy, bytes]) => [
        name,
        { accuracy: Number(accuracy), bytes: Number(bytes.replaceAll(",", "")) },
      ]),
  );

const rowOf = ({ name, accuracy, bytes }) =>
  `| \`${name}\` | ${accuracy.toFixed(2)}% | ${bytes.toLocaleString("en-US")} |`;

/** The page with these nets as its table. @throws Error if it has no place for one. */
export const withRows = (page, nets) => {
  const [start, end] = [page.indexOf(TABLE_START), page.indexOf(TABLE_END)];
  if (start < 0 || end < start) throw new Error("docs/results.md has no place for the table");
  const table = [...HEADER, ...nets.map(rowOf)].join("\n");
  return `${page.slice(0, start)}${TABLE_START}\n\n${table}\n\n${page.slice(end)}`;
};

/** What differs between the nets that were tested and the rows of the page, a sentence each. */
export const differences = (rows, nets) => {
  const tested = new Set(nets.map(({ name }) => name));
  const changed = nets.flatMap(({ name, accuracy, bytes }) => {
    const row = rows.get(name);
    if (!row) return [`${name} is not in docs/results.md.`];
    // The page has two decimals.
    const isSame = row.accuracy.toFixed(2) === accuracy.toFixed(2);
    return [
      ...(isSame ? [] : [`${name} has ${accuracy.toFixed(2)}%; the page has ${row.accuracy}%.`]),
      ...(row.bytes === bytes ? [] : [`${name} has ${bytes} bytes; the page has ${row.bytes}.`]),
    ];
  });
  const missing = [...rows.keys()].filter((name) => !tested.has(name));
  return [
    ...changed,
    ...missing.map((name) => `${name} of docs/results.md is not in data/models.`),
  ];
};
