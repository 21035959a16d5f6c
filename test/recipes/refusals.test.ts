import { describe, expect, test } from "vitest";
import { MAX_ALIASES, MAX_STAGES } from "../../src/recipes/reading/limits.js";
import { refusalOf } from "./recipe-text.js";

/** Stages in one line each, from the second line on. */
const stages = (...lines: string[]): string =>
  `stages:\n${lines.map((line) => `  ${line}\n`).join("")}`;

const DIGITS = "dataset: digits";

describe("a text that is no recipe is refused with its place", () => {
  test.each([
    ["YAML's syntax", "stages:\n  a: [1,\n  b: 2\n", /^usage: recipe\.yml:2:6: \[ is not closed/],
    [
      "a key that stands twice",
      stages("a: {kind: train}", "a: {kind: sparse}"),
      /3:3: this key stands here twice/,
    ],
    ["an option that stands twice", stages("a: {kind: train, lr: 1, lr: 2}"), /2:27: this key/],
    [
      "two spellings of an option",
      stages("a: {kind: train, lr-drops: 1, lr_drops: 2}"),
      /2:33: lr_drops and lr-drops are one/,
    ],
    ["an unknown tag", stages('a: !!js/function "x"'), /2:6: unknown tag/],
    ["a second document", "stages:\n---\na: 1\n", /2:1: a second document/],
    ["an alias of nothing", stages("a: *x"), /2:3: there is no &x above/],
    ["a list", "- a\n", /1:1: the recipe: found a list, expected stages/],
    ["an empty text", "", /1:1: the recipe is empty\. It needs stages/],
    ["no stages", "stages: {}\n", /1:9: there are no stages/],
    [
      "another key",
      "stage: {}\nstages: {a: {kind: train}}\n",
      /1:1: a recipe has no stage.*Did you mean stages/,
    ],
    [
      "another format",
      "format: 2\nstages: {a: {kind: train}}\n",
      /1:9: format: found 2, expected 1/,
    ],
    ["a stage without a kind", stages("a: {epochs: 1}"), /2:3: a has no kind/],
    [
      "a stage that is no map",
      stages("a: train"),
      /2:6: a: found train, expected a kind and its options/,
    ],
    ["a name that is no name", stages("a.b: {kind: train}"), /2:3: a\.b is no name of a stage/],
    ["__proto__ as a name", stages("__proto__: {kind: train}"), /2:3: __proto__ is no name/],
    [
      "a folder elsewhere",
      "folder: ../x\nstages: {a: {kind: train}}\n",
      /1:9: folder \.\.\/x: expected one below/,
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
    expect(await refusalOf(lines.join(""))).toMatch(/7:23: 72 aliases stand in the file/);
  });

  test("nested aliases below the limit are no values of options", async () => {
    const text = stages("a: {kind: train, cfg: &a [1, 2], lr: [*a, *a]}");
    expect(MAX_ALIASES).toBeGreaterThan(2);
    expect(await refusalOf(text)).toMatch(
      /2:40: lr: found a list of more than texts and numbers, expected a number above 0/,
    );
  });

  test.each([["["], ["- "], ["{a: "], ["? "]])("collections of %j without end", async (opening) => {
    const text = opening.repeat(60_000 / opening.length);
    expect(await refusalOf(text)).toMatch(/1:\d+: more than 16 collections stand in each other/);
  });

  test("too many stages", async () => {
    const lines = Array.from({ length: MAX_STAGES + 1 }, (_, at) => `a${at}: {kind: train}`);
    expect(await refusalOf(stages(...lines))).toMatch(/2:3: there are 101 stages/);
  });
});

describe("stages and options that do not fit are refused with their place", () => {
  const train = `a: {kind: train, ${DIGITS}}`;
  test.each([
    [
      "an unknown kind",
      ["a: {kind: quantise, refine: b}"],
      /2:13: there is no stage of the kind quantise.*Did you mean quantize/,
    ],
    [
      "a name of every object as a kind",
      ["a: {kind: toString}"],
      /2:13: there is no stage of the kind toString/,
    ],
    [
      "an unknown option",
      [`a: {kind: train, ${DIGITS}, epoch: 3}`],
      /2:37: a stage of the kind train has no option epoch.*Did you mean epochs/,
    ],
    [
      "an option that is the recipe's matter",
      ["a: {kind: train, resume: auto}"],
      /2:20: a stage of the kind train has no option resume/,
    ],
    [
      "a wrong type",
      ["a: {kind: train, epochs: many}"],
      /2:28: epochs: found many, expected a whole number of at least 1\. For example epochs: 300\./,
    ],
    [
      "a wrong truth",
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
      "widths of a file",
      [train, "b: {kind: refine, refine: a, width: 2}"],
      /3:3: the file of refine has its own widths/,
    ],
    [
      "no net to start from",
      ["a: {kind: prune}"],
      /2:3: a has no model, the net that a stage of the kind prune/,
    ],
    [
      "an unknown stage",
      [train.replace("a:", "sparse:"), "b: {kind: prune, model: spars}"],
      /3:27: there is no stage spars.*Did you mean sparse/,
    ],
    [
      "a stage that takes its own file",
      ["b: {kind: refine, refine: b}"],
      /2:29: the stages wait for each other: b -> b/,
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
      /4:29: the stages wait for each other: b -> c -> d -> b/,
    ],
    [
      "a file that is not there",
      ["b: {kind: prune, model: no/such.safetensors}"],
      /2:27: there is no file no\/such\.safetensors/,
    ],
    [
      "a net's description that is not there",
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
      "what is kept of an earlier net as a folder",
      [train, "m: {kind: merge, model: a, dump: a.safetensors.previous}"],
      /3:36: m and a both write a\.safetensors\.previous/,
    ],
    [
      "a training's state as a net",
      [train, "b: {kind: prune, model: a, save: x.state.safetensors}"],
      /3:36: save x\.state\.safetensors: that is the name of a training state/,
    ],
    [
      "a file elsewhere",
      ["a: {kind: train, save: ../x.safetensors}"],
      /2:26: save \.\.\/x\.safetensors: expected the name of a file/,
    ],
    [
      "a name that is too long in bytes",
      [`a: {kind: train, save: a${"é".repeat(100)}.pth}`],
      /2:26: save aé+\.pth: the name is too long \(205 bytes of at most 200\)\. Choose a shorter/,
    ],
    [
      "an ending of no format",
      ["a: {kind: train, save: x.onnx}"],
      /2:26: save x\.onnx: the name must end in/,
    ],
    [
      "an export in a format that it has not",
      [train, "e: {kind: export, file: a, save: e.pth}"],
      /3:36: save e\.pth: the name must end in \.safetensors/,
    ],
    [
      "a merged net to refine",
      [train, "m: {kind: merge, model: a}", "r: {kind: refine, refine: m}"],
      /4:29: m makes a merged net, which r cannot start from/,
    ],
    [
      "an export that is no checkpoint",
      [train, "t: {kind: export, file: a, format: tfjs}", "u: {kind: export, file: t}"],
      /4:27: t makes a folder for TensorFlow\.js/,
    ],
    [
      "a comparison without nets",
      ["c: {kind: compare}"],
      /2:3: c has no files, the nets that a stage of the kind compare reads/,
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
      /3:33: files: found an empty text, expected the name of a file/,
    ],
    [
      "an unknown stage in a list",
      [train.replace("a:", "sparse:"), "c: {kind: compare, files: [sparse, spars]}"],
      /3:38: there is no stage spars.*Did you mean sparse/,
    ],
    [
      "a file in a list that is not there",
      [train, "c: {kind: compare, files: [a, no/such.pth]}"],
      /3:33: there is no file no\/such\.pth/,
    ],
    [
      "a comparison with itself",
      [train, "c: {kind: compare, files: [a, c]}"],
      /3:33: the stages wait for each other: c -> c/,
    ],
    [
      "a folder for TensorFlow.js in a list",
      [train, "t: {kind: export, file: a, format: tfjs}", "c: {kind: compare, files: [a, t]}"],
      /4:33: t makes a folder for TensorFlow\.js, which c cannot read/,
    ],
    [
      "a comparison as a net",
      [train, "c: {kind: compare, files: [a, a]}", "r: {kind: refine, refine: c}"],
      /4:29: c makes a comparison, which r cannot start from/,
    ],
    [
      "a page of no page's name",
      [train, "c: {kind: compare, files: [a, a], html: x.txt}"],
      /3:43: html x\.txt: the name must end in \.html/,
    ],
  ])("%s", async (_, lines, message) => {
    expect(await refusalOf(stages(...lines))).toMatch(message);
  });

  test("a folder for TensorFlow.js may have any name", async () => {
    const text = stages(train, "t: {kind: export, file: a, format: tfjs, save: web}");
    expect(await refusalOf(text)).toBe("taken");
    const wrong = await refusalOf(text.replace("save", "edges: int4, save"));
    expect(wrong).toContain("edges: found int4, expected");
    expect(wrong).not.toContain("must end in");
  });

  test("all of them at once, in the order of the file", async () => {
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
      /--set epoch=1: no stage takes the option epoch.*Did you mean epochs/,
    ],
    ["with a wrong value", "epochs=x", /^usage: --set epochs=x: expected a whole number[^\n]*$/],
    [
      "of a stage that is not there",
      "spars.epochs=1",
      /--set spars\.epochs=1: there is no stage spars/,
    ],
    [
      "that its stage does not have",
      "a.percent=1",
      /--set a\.percent=1: a stage of the kind train has no option/,
    ],
    ["without a value", "epochs", /--set epochs: expected an option and its value/],
  ])("a setting %s", async (_, set, message) => {
    const text = stages(train, "b: {kind: refine, refine: a}");
    expect(await refusalOf(text, [set])).toMatch(message);
  });

  test("defaults that no stage takes", async () => {
    const text = `defaults: {epoch: 1}\n${stages(train)}`;
    expect(await refusalOf(text)).toMatch(/1:12: no stage takes the option epoch/);
  });
});
