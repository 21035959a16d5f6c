import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../scripts/check-language.js", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qprune-language-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const allow = (ceilings: Record<string, number>): void =>
  write("scripts/language-ceilings.json", JSON.stringify(ceilings));

const check = (...flags: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...flags, folder], {
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
};

/** The places and phrases that --list finds in one file. */
const foundIn = (path: string, text: string): string[] => {
  allow({ ".": 0 });
  write(path, text);
  const lines = check("--list").output.trim().split("\n");
  return lines.map((line) => line.split('":')[0]?.replace(`${path}:`, "") ?? "");
};

test("a phrase above the ceiling fails with its file, line and replacement", () => {
  allow({ src: 0 });
  write("src/net.ts", "// A net.\n// A file tells its net.\n");
  const { status, output } = check();
  expect(status).toBe(1);
  expect(output).toMatch(/^src\/net\.ts:2: "tells": contains, /);
  expect(output).toContain("src: 1 phrases that docs/style.md rules out, 0 allowed");
});

test("phrases up to the ceiling pass without a word", () => {
  allow({ src: 1 });
  write("src/net.ts", "// A file tells its net.\n");
  expect(check()).toEqual({ status: 0, output: "" });
});

test("comments and strings of programs are read, and code is not", () => {
  const text = [
    "const told = tells ? behind(anew) : beside;",
    'import { told } from "./told/anew.js";',
    "/** Trained anew. */",
    'const hint = "It was told once.";',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
    "const text = `a ${told.map((each) => `${each} told`)} is said`;",
    "const quote = /[\"'`]/; // drawn anew",
  ];
  const found = foundIn("src/a.ts", text.join("\n"));
  expect(found).toEqual(['3: "anew', '4: "told', '5: "told', '5: "said', '6: "anew']);
});

test("a phrase is found across a line break of a comment or of a joined string", () => {
  const comment = "/**\n * A run goes\n * on later.\n */\n";
  const joined = 'const hint =\n  "It goes " +\n  "on.";\n';
  expect(foundIn("src/a.ts", comment + joined)).toEqual(['2: "goes on', '6: "goes on']);
});

test("C++ and pages are read", () => {
  const cpp = "const int n = 1'000'000;  // as the file tells\n";
  expect(foundIn("src/engine/native/a.cc", cpp)).toEqual(['1: "tells']);
  rmSync(join(folder, "src"), { recursive: true });
  expect(foundIn("docs/a.md", "Fine.\n\nIt stands here.\n")).toEqual(['3: "stands']);
});

test("plain uses of the same words are left alone", () => {
  const text = `Two nets can be told apart. W stands for weights. A step leaves no tensor behind but its result.
The statistics lag behind the weights. Use your own images. The original file is kept. All but the last.`;
  expect(foundIn("docs/a.md", text)).toEqual([""]);
});

test("the longest folder that has a ceiling counts", () => {
  allow({ src: 0, "src/data": 1 });
  write("src/data/a.ts", "// anew\n");
  expect(check().status).toBe(0);
  write("src/datasets/a.ts", "// anew\n");
  expect(check().output).toContain("src: 1 phrases");
});

test("a count far below its ceiling, or at none, asks for a lower one, which --record writes", () => {
  allow({ ".": 0, src: 20 });
  write("src/a.ts", "// anew\n".repeat(14));
  expect(check().output).toContain("src: 14 phrases are left, 20 allowed. Lower the ceiling");
  expect(check("--record").status).toBe(0);
  const ceilings: unknown = JSON.parse(
    readFileSync(join(folder, "scripts/language-ceilings.json"), "utf8"),
  );
  expect(ceilings).toEqual({ ".": 0, src: 14 });
  expect(check().status).toBe(0);
});

test("--record moves phrases between folders and never allows more of them in all", () => {
  allow({ "src/a": 1, "src/b": 0 });
  write("src/b/a.ts", "// anew\n");
  expect(check("--record").status).toBe(0);
  write("src/b/b.ts", "// anew\n");
  expect(check("--record").output).toContain("2 phrases are left, 1 are allowed");
});
