import { describe, expect, test } from "vitest";
import {
  differences,
  readRows,
  TABLE_END,
  TABLE_START,
  withRows,
} from "../../scripts/lib/results-table.js";

const page = `# Results\n\n${TABLE_START}\n\n${TABLE_END}\n\nMore.\n`;
const nets = [
  { name: "cifar10-resnet20-w2a2", accuracy: 89.51, bytes: 82296 },
  { name: "cifar10-nin-w1a1", accuracy: 86.3, bytes: 190000 },
];

test("a page contains the rows that were written into it, and all of its text", () => {
  const written = withRows(page, nets);
  expect(readRows(written)).toEqual(
    new Map([
      ["cifar10-resnet20-w2a2", { accuracy: 89.51, bytes: 82296 }],
      ["cifar10-nin-w1a1", { accuracy: 86.3, bytes: 190000 }],
    ]),
  );
  expect(written).toContain("More.");
  expect(withRows(written, nets)).toBe(written);
});

test("a page without a place for the table is refused", () => {
  expect(() => withRows("# Results", nets)).toThrow("no place");
});

describe("the differences between nets and page", () => {
  const rows = readRows(withRows(page, nets));
  const [first, second] = nets as [(typeof nets)[number], (typeof nets)[number]];
  test("are none for the same nets", () => expect(differences(rows, nets)).toEqual([]));
  test("name another accuracy, a net without a row and a row without a net", () => {
    const other = { ...second, name: "other" };
    expect(differences(rows, [{ ...first, accuracy: 89.4 }, other])).toEqual([
      "cifar10-resnet20-w2a2 has 89.40%; the page has 89.51%.",
      "other is not in docs/results.md.",
      "cifar10-nin-w1a1 of docs/results.md is not in data/models.",
    ]);
  });
});
