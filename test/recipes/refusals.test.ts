import { describe, expect, test } from "vitest";
import { MAX_ALIASES, MAX_STAGES } from "../../src/recipes/reading/limits.js";
import { refusalOf } from "./recipe-text.js";

/** One stage per line, starting at line 2. */
const stages = (...lines: string[]): string =>
  `stages:\n${lines.map((line) => `  ${line}\n`).join("")}`;

const DIGITS = "dataset: digits";

describe("a text that is not a recipe is refused with its location:", () => {
  test.each([
    ["YAML's syntax", "stages:\n  a: [1,\n  b: 2\n", /^usage: recipe\.yml:2:6: \[ is not closed/],
    [
      "a duplicate key",
      stages("a: {kind: train}", "a: {kind: sparse}"),
      /3:3: duplicate key a\. It first appears on line 2\./,
    ],
    ["a duplicate option", stages("a: {kind: train, lr: 1, lr: 2}"), /2:27: duplicate key lr/],
    [
      "two spellings of an option",
      stages("a: {kind: train, lr-drops: 1, lr_drops: 2}"),
      /2:33: lr_drops and lr-drops are the same/,
    ],
    ["an unknown tag", stages('a: !!js/function "x"'), /2:6: unknown tag/],
    ["a second document", "stages:\n---\na: 1\n", /2:1: a second document/],
    ["an alias without an anchor", stages("a: *x"), /2:3: no anchor &x precedes/],
    ["a list", "- a\n", /1:1: the recipe: found a list, expected a map with stages/],
    ["an empty text", "", /1:1: the recipe is empty\. It needs stages/],
    ["no stages", "stages: {}\n", /1:9: the recipe has no stages/],
    [
      "an unknown key",
      "stage: {}\nstages: {a: {kind: train}}\n",
      /1:1: unknown key stage.*Did you mean stages/,
    ],
    [
      "another format",
      "format: 2\nstages: {a: {kind: train}}\n",
      /1:9: format: found 2, expected 1/,
    ],
    ["a stage without a kind", stages("a: {epochs: 1}"), /2:3: a has no kind\. Add kind:/],
    [
      "a stage that is not a map",
      stages("a: train"),
      /2:6: a: found train, expected a kind and its options/,
    ],
    ["an invalid name", stages("a.b: {kind: train}"), /2:3: a\.b is not a valid stage name/],
    ["__proto__ as a name", stages("__proto__: {kind: train}"), /2:3: __proto__ is not a valid/],
    [
      "a folder elsewhere",
      "folder: ../x\nstages: {a: {kind: train}}\n",
      /1:9: folder \.\.\/x: expected a folder below/,
    ],
  ])("%s", async (_, text, message) => {
    expect(await refusalOf(text)).toMatch(message);
  });

  test("a bomb of aliases, none of which is resolved", async () => {
    const names = [..."abcdefghi"];
    const lines = names.map((name, at) => {
      const item = at === 0 ? '"x"' : `*${names[at - 1]}`;
      return `${name}: &${name} [${Array(9).fill(item).join(",")}]\n`;
    });
    expect(await refusalOf(lines.join(""))).toMatch(/7:23: the recipe has 72 aliases, more than/);
  });

  test("nested aliases below the limit are not values of options", async () => {
    const text = stages("a: {kind: train, cfg: &a [1, 2], lr: [*a, *a]}");
    expect(MAX_ALIASES).toBeGreaterThan(2);
    expect(await refusalOf(text)).toMatch(
      /2:40: lr: found a list with items other than text and numbers, expected a number above 0/,
    );
  });

  test.each([["["], ["- "], ["{a: "], ["? "]])(
    "endlessly nested collections of %j",
    async (opening) => {
      const text = opening.repeat(60_000 / opening.length);
      expect(await refusalOf(text)).toMatch(
        /1:\d+: collections are nested more than 16 levels deep/,
      );
    },
  );

  test("too many stages", async () => {
    const lines = Array.from({ length: MAX_STAGES + 1 }, (_, at) => `a${at}: {kind: train}`);
    expect(await refusalOf(stages(...lines))).toMatch(/2:3: the recipe has 101 stages/);
  });
});

describe("invalid stages and options are refused with their location:", () => {
  const train = `a: {kind: train, ${DIGITS}}`;
  test.each([
    [
      "an unknown kind",
      ["a: {kind: quantise, refine: b}"],
      /2:13: unknown stage kind quantise.*Did you mean quantize/,
    ],
    [
      "a property of every object as a kind",
      ["a: {kind: toString}"],
      /2:13: unknown stage kind toString/,
    ],
    [
      "an unknown option",
      [`a: {kind: train, ${DIGITS}, epoch: 3}`],
      /2:37: train stages have no option epoch.*Did you mean epochs/,
    ],
    [
      "an option that the recipe itself decides",
      ["a: {kind: train, resume: auto}"],
      /2:20: train stages have no option resume/,
    ],
    [
      "a wrong type",
      ["a: {kind: train, epochs: many}"],
      /2:28: epochs: found many, expected a whole number of at least 1\. For example epochs: 300\./,
    ],
    [
      "a wrong boolean",
      ["a: {kind: train, download: yes}"],
      /2:30: download: found yes, expected true or false\./,
    ],
    [
      "a wrong list",
      ["a: {kind: train, cfg: [a, b]}"],
      /2:25: cfg: found \[a, b\], expected widths/,
    ],
    [
      "a wrong choice",
      ["a: {kind: train, dataset: mnist}"],
      /2:29: dataset: found mnist, expected cifar10 or/,
    ],
    [
      "an option without a value",
      ["a: {kind: train, epochs: }"],
      /2:\d+: epochs: found nothing, expected a whole number/,
    ],
    ["options that contradict", ["a: {kind: train, W: 3, Wbits: 4}"], /2:3: W and Wbits both set/],
    [
      "widths for a net from a file",
      [train, "b: {kind: refine, refine: a, width: 2}"],
      /3:3: the file of refine has its own widths/,
    ],
    [
      "no net to start from",
      ["a: {kind: prune}"],
      /2:3: a has no model, the net that prune stages start from/,
    ],
    [
      "an unknown stage",
      [train.replace("a:", "sparse:"), "b: {kind: prune, model: spars}"],
      /3:27: there is no stage spars.*Did you mean sparse/,
    ],
    [
      "a stage that reads its own file",
      ["b: {kind: refine, refine: b}"],
      /2:29: the stages depend on each other: b -> b/,
    ],
    [
      "a cycle",
      [
        train,
        "b: {kind: refine, refine: d}",
        "c: {kind: refine, refine: b}",
        "d: {kind: refine, refine: c}",
        "e: {kind: merge, model: d}",
      ],
      /4:29: the stages depend on each other: b -> c -> d -> b/,
    ],
    [
      "a missing file",
      ["b: {kind: prune, model: no/such.safetensors}"],
      /2:27: there is no file no\/such\.safetensors/,
    ],
    [
      "a missing net description",
      ["b: {kind: train, arch: no.json}"],
      /2:26: there is no file no\.json/,
    ],
    [
      "one file of two stages",
      [train, `b: {kind: train, save: a.safetensors}`],
      /3:26: b and a both write a\.safetensors/,
    ],
    [
      "one training state of two stages",
      [train, `b: {kind: train, save: a.pth}`],
      /3:26: b and a both write a\.state/,
    ],
    [
      "a file of the recipe's own",
      [train, "b: {kind: prune, model: a, plan: report.json}"],
      /3:36: b and the recipe itself both write report\.json/,
    ],
    [
      "the history of a training as a comparison's numbers",
      [train, "c: {kind: compare, files: [a, a], save: a.history.json}"],
      /3:43: c and a both write a\.history\.json/,
    ],
    [
      "a comparison's numbers as a plan",
      [train, "c: {kind: compare, files: [a, a]}", "p: {kind: prune, model: a, plan: C.json}"],
      /4:36: p and c both write C\.json/,
    ],
    [
      "one page of two comparisons",
      [
        train,
        "c: {kind: compare, files: [a, a], html: x.html}",
        "d: {kind: compare, files: [a, a], html: x.html}",
      ],
      /4:43: d and c both write x\.html/,
    ],
    [
      "the net before a merge as another",
      [
        train,
        "m: {kind: merge, model: a}",
        "b: {kind: refine, refine: a, save: m_before.safetensors}",
      ],
      /4:38: b and m both write m_before\.safetensors/,
    ],
    [
      "one name for the nets before and after a merge",
      [train, "m: {kind: merge, model: a, save: x.pth, save_before: x.pth}"],
      /3:56: m writes x\.pth twice/,
    ],
    [
      "the report of the recipe as a comparison's numbers",
      [train, "c: {kind: compare, files: [a, a], save: report.json}"],
      /3:43: c and the recipe itself both write report\.json/,
    ],
    [
      "the backup of an earlier net as a folder",
      [train, "m: {kind: merge, model: a, dump: a.safetensors.previous}"],
      /3:36: m and a both write a\.safetensors\.previous/,
    ],
    [
      "a training's state as a net",
      [train, "b: {kind: prune, model: a, save: x.state.safetensors}"],
      /3:36: save x\.state\.safetensors: names that end in \.state\.safetensors are reserved/,
    ],
    [
      "a file elsewhere",
      ["a: {kind: train, save: ../x.safetensors}"],
      /2:26: save \.\.\/x\.safetensors: expected a file name/,
    ],
    [
      "a name that is too long in bytes",
      [`a: {kind: train, save: a${"é".repeat(100)}.pth}`],
      /2:26: save aé+\.pth: the name has 205 bytes \(at most 200 are allowed\)\. Choose a shorter/,
    ],
    [
      "an unknown ending",
      ["a: {kind: train, save: x.onnx}"],
      /2:26: save x\.onnx: the name must end in/,
    ],
    [
      "an export with the ending of another format",
      [train, "e: {kind: export, file: a, save: e.pth}"],
      /3:36: save e\.pth: the name must end in \.safetensors/,
    ],
    [
      "a merged net to refine",
      [train, "m: {kind: merge, model: a}", "r: {kind: refine, refine: m}"],
      /4:29: m produces a merged net, which r cannot start from/,
    ],
    [
      "an export that is not a checkpoint",
      [train, "t: {kind: export, file: a, format: tfjs}", "u: {kind: export, file: t}"],
      /4:27: t produces a TensorFlow\.js folder/,
    ],
    [
      "a comparison without nets",
      ["c: {kind: compare}"],
      /2:3: c has no files, the nets that compare stages read/,
    ],
    [
      "a comparison of one net",
      [train, "c: {kind: compare, files: [a]}"],
      /3:29: files: found \[a\], expected at least two files\. files: \[sparse, \.\/other\.pth\] names/,
    ],
    [
      "an empty list",
      ["c: {kind: compare, files: []}"],
      /2:29: files: found \[\], expected at least two/,
    ],
    [
      "a comparison of nine nets",
      [train, `c: {kind: compare, files: [${Array(9).fill("a")}]}`],
      /3:29: files: found \[a, .*\], expected at most 8 files/,
    ],
    [
      "an item without a name",
      [train, 'c: {kind: compare, files: [a, ""]}'],
      /3:33: files: found an empty string, expected the name of a file/,
    ],
    [
      "an unknown stage in a list",
      [train.replace("a:", "sparse:"), "c: {kind: compare, files: [sparse, spars]}"],
      /3:38: there is no stage spars.*Did you mean sparse/,
    ],
    [
      "a missing file in a list",
      [train, "c: {kind: compare, files: [a, no/such.pth]}"],
      /3:33: there is no file no\/such\.pth/,
    ],
    [
      "a comparison with itself",
      [train, "c: {kind: compare, files: [a, c]}"],
      /3:33: the stages depend on each other: c -> c/,
    ],
    [
      "a TensorFlow.js folder in a list",
      [train, "t: {kind: export, file: a, format: tfjs}", "c: {kind: compare, files: [a, t]}"],
      /4:33: t produces a TensorFlow\.js folder, which c cannot read/,
    ],
    [
      "a comparison as a net",
      [train, "c: {kind: compare, files: [a, a]}", "r: {kind: refine, refine: c}"],
      /4:29: c produces a comparison, which r cannot start from/,
    ],
    [
      "a page with a wrong ending",
      [train, "c: {kind: compare, files: [a, a], html: x.txt}"],
      /3:43: html x\.txt: the name must end in \.html/,
    ],
  ])("%s", async (_, lines, message) => {
    expect(await refusalOf(stages(...lines))).toMatch(message);
  });

  test("a TensorFlow.js folder may have any name", async () => {
    const text = stages(train, "t: {kind: export, file: a, format: tfjs, save: web}");
    expect(await refusalOf(text)).toBe("accepted");
    const wrong = await refusalOf(text.replace("save", "edges: int4, save"));
    expect(wrong).toContain("edges: found int4, expected");
    expect(wrong).not.toContain("must end in");
  });

  test("all problems are reported at once, in the order of the file", async () => {
    const text = stages(
      "a: {kind: train, epoch: 1}",
      "b: {kind: x}",
      "c: {kind: refine, refine: d}",
    );
    const lines = (await refusalOf(text)).split("\n").map((line) => /yml:(\d+):/.exec(line)?.[1]);
    expect(lines).toEqual(["2", "3", "4"]);
  });

  test.each([
    [
      "that no stage has",
      "epoch=1",
      /--set epoch=1: the shared option epoch applies to no stage.*Did you mean epochs/,
    ],
    ["with a wrong value", "epochs=x", /^usage: --set epochs=x: expected a whole number[^\n]*$/],
    ["for an unknown stage", "spars.epochs=1", /--set spars\.epochs=1: there is no stage spars/],
    [
      "that its stage does not have",
      "a.percent=1",
      /--set a\.percent=1: train stages have no option/,
    ],
    ["without a value", "epochs", /--set epochs: expected an option and its value/],
  ])("a setting %s is refused", async (_, set, message) => {
    const text = stages(train, "b: {kind: refine, refine: a}");
    expect(await refusalOf(text, [set])).toMatch(message);
  });

  test("defaults that no stage has", async () => {
    const text = `defaults: {epoch: 1}\n${stages(train)}`;
    expect(await refusalOf(text)).toMatch(/1:12: the shared option epoch applies to no stage/);
  });
});
