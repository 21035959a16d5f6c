import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkNets } from "../../../src/recipes/checks/check-nets.js";
import { recipeOf, refusalOf } from "../recipe-text.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-paths-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const train = "a: {kind: train, dataset: digits}";
const stages = (...lines: string[]): string =>
  `stages:\n${lines.map((line) => `  ${line}\n`).join("")}`;
/** The lines of the error. */
const linesOf = async (text: string, sets: readonly string[] = []) =>
  (await refusalOf(text, sets)).replace(/^usage: /, "").split("\n");

describe("impossible paths are refused with key, line and column:", () => {
  const long = "x".repeat(300);
  test.each([
    [
      "a net with a long name",
      stages(`b: {kind: prune, model: ./${long}.pth}`),
      "2:27: model: found a path with a name of 304 bytes, expected names of at most 255.",
    ],
    [
      "characters of two bytes",
      stages(`b: {kind: prune, model: ./${"é".repeat(128)}}`),
      "2:27: model: found a path with a name of 256 bytes",
    ],
    [
      "a long path of short names",
      stages(`b: {kind: prune, model: ${"ab/".repeat(1500)}c.pth}`),
      "2:27: model: found a path of 4505 bytes, expected at most 4095.",
    ],
    [
      "one item of a list",
      stages(train, `c: {kind: compare, files: [a, ./${long}]}`),
      "3:33: files: found a path with a name of 300 bytes",
    ],
    ["images", stages(`b: {kind: train, data: ${long}}`), "2:26: data: found a path with"],
    ["logs", stages(`b: {kind: train, log-dir: ${long}}`), "2:29: log-dir: found a path with"],
    ["a net description", stages(`b: {kind: train, arch: ${long}.json}`), "2:26: arch: found"],
    ["an output", stages(`b: {kind: train, save: ${long}.pth}`), "2:26: save: found a path"],
    [
      "the folder",
      `folder: ${long}\n${stages(train)}`,
      "1:9: folder: found a path with a name of 300",
    ],
    [
      "a home folder that the shell did not expand",
      stages("b: {kind: prune, model: ~/a.pth}"),
      "2:27: model: found ~/a.pth, expected a path that does not start with ~. Recipes do not expand ~",
    ],
    [
      "another user's home folder",
      stages("b: {kind: train, data: ~me/photos}"),
      "2:26: data: found ~me/photos",
    ],
    [
      "a home folder for an output",
      stages("b: {kind: train, save: ~/a.pth}"),
      "2:26: save: found ~/a.pth",
    ],
    ["a home folder for everything", `folder: ~/a\n${stages(train)}`, "1:9: folder: found ~/a"],
    [
      "NUL",
      stages('b: {kind: prune, model: "./a\\0b.pth"}'),
      "2:27: model: found ./a\\0b.pth, expected a path without control characters.",
    ],
    [
      "a Windows path in double quotes",
      stages('b: {kind: prune, model: "C:\\new\\a.pth"}'),
      "2:27: model: found C:\\new\\x07.pth, expected a path without control characters. In double quotes",
    ],
    ["NUL in the folder", `folder: "a\\0"\n${stages(train)}`, "1:9: folder: found a\\0, expected"],
    [
      "NUL in the name of a description",
      stages('b: {kind: train, arch: "a\\0.json"}'),
      "2:26: arch: found",
    ],
  ])("%s", async (_, text, message) => {
    const lines = await linesOf(text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`recipe.yml:${message}`);
  });

  test("an impossible path in --set is reported once for all stages", async () => {
    const text = stages("a: {kind: train}", "b: {kind: train}");
    const lines = await linesOf(text, [`data=${long}`]);
    expect(lines).toEqual([
      `--set data=${long}: data: found a path with a name of 300 bytes, expected names of at most 255. Use a shorter path.`,
    ]);
  });

  test("a long path of short names is accepted", async () => {
    const text = stages(`a: {kind: train, data: ${"folder/".repeat(100)}}`);
    expect(await refusalOf(text)).toBe("accepted");
  });
});

describe("the path of a stage's output is refused as an input:", () => {
  const own = "models_save/recipe";
  test.each([
    [
      "of the stage itself",
      [train, `b: {kind: prune, model: ${own}/b.safetensors}`],
      "3:27: b both reads and writes models_save/recipe/b.safetensors. Choose another name for its output",
    ],
    [
      "of another stage",
      [train, `b: {kind: prune, model: ./${own}/x/../a.safetensors}`],
      "a.safetensors is the output of the stage a. Name the stage instead of its file: a.",
    ],
    [
      "of another stage, without the folder",
      [train, "b: {kind: prune, model: a.safetensors}"],
      "3:27: there is no file a.safetensors. Did you mean the stage a?",
    ],
  ])("%s", async (_, lines, message) => {
    expect(await refusalOf(stages(...lines))).toContain(message);
  });
});

test("folders, and files that are not models, are reported where the recipe names them", async () => {
  mkdirSync(join(folder, "net"));
  expect(await refusalOf(stages(`b: {kind: prune, model: ${folder}/net}`))).toMatch(
    /2:27: .*\/net is a folder\./,
  );
  writeFileSync(join(folder, "empty.pth"), "");
  writeFileSync(join(folder, "text.pth"), "stages:");
  const recipe = await recipeOf(
    stages(
      train,
      `b: {kind: prune, model: ${folder}/empty.pth}`,
      `c: {kind: compare, files: [a, ${folder}/text.pth, ${folder}/empty.pth]}`,
    ),
  );
  const problems = await checkNets(recipe, async () => undefined);
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/empty\.pth is neither .*: it is an empty file/),
    expect.stringMatching(/text\.pth is neither/),
  ]);
  expect(problems.map(({ location }) => location)).toEqual([
    { kind: "file", line: 3, column: 27 },
    { kind: "file", line: 4, column: 33 },
  ]);
});

test("stages may have the names of properties that every object has", async () => {
  const text = stages(
    "constructor: {kind: train, dataset: digits}",
    "toString: {kind: prune, model: constructor}",
  );
  const { stages: made } = await recipeOf(text);
  expect(made.map(({ name }) => name)).toEqual(["constructor", "toString"]);
});

test("key chooses a dict of tensors for a single stage", async () => {
  const bytes = readFileSync(
    new URL("../../formats/torch/fixtures/model-and-ema.pth", import.meta.url),
  );
  const file = join(folder, "two.pth");
  writeFileSync(file, bytes);
  const problemsOf = async (more: string) =>
    checkNets(
      await recipeOf(stages(`b: {kind: prune, model: ${file}${more}}`)),
      async () => undefined,
    );
  const [problem] = await problemsOf("");
  expect(problem?.message).toMatch(/contains 2 dicts of tensors: "model", "ema\.shadow"/);
  expect(await problemsOf(", key: ema")).toEqual([]);
  expect((await problemsOf(", key: emo"))[0]?.message).toMatch(/nothing under the key "emo"/);
  const shared = `defaults: {key: model}\n${stages(`b: {kind: prune, model: ${file}}`)}`;
  expect(await refusalOf(shared)).toMatch(/the shared option key applies to no stage/);
});
