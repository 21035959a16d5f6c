import { describe, expect, test } from "vitest";
import { refusalOf } from "./recipe-text.js";

/** The lines of the error for a recipe, without the general hint. */
const linesOf = async (lines: readonly string[], sets: readonly string[] = []) =>
  (await refusalOf(lines.join("\n"), sets))
    .replace(/^usage: | docs\/recipes\.md.*$/g, "")
    .split("\n");

test("all problems are reported at once, each with line, column and hint", async () => {
  const lines = await linesOf(
    [
      "foldr: x",
      "defaults: {dataset: digits, epoch: 2}",
      "stages:",
      "  a: {kind: train, lr: -1, betas: 0.9, epochs: many}",
      "  b: {kind: refine, refine: ./none.pth, save: a.safetensors}",
      "  c: {kind: quantise, refine: b}",
      "  d: {kind: prune, model: bb, percent: }",
      "  e: {kind: refine, refine: f, epochs: 0}",
      "  f: {kind: refine, refine: e}",
    ],
    ["b.epoch=1", "epochs"],
  );
  expect(lines).toEqual([
    "--set epochs: expected an option and its value, as in epochs=1. STAGE.OPTION=VALUE sets the option of one stage.",
    "--set b.epoch=1: refine stages have no option epoch. Did you mean epochs?",
    "recipe.yml:1:1: unknown key foldr. Did you mean folder?",
    "recipe.yml:2:29: the shared option epoch applies to no stage. Did you mean epochs?",
    "recipe.yml:4:24: lr: found -1, expected a number above 0, or auto. For example lr: 0.01.",
    "recipe.yml:4:28: train stages have no option betas. Adam has its default betas.",
    "recipe.yml:4:48: epochs: found many, expected a whole number of at least 1. For example epochs: 300.",
    "recipe.yml:5:29: there is no file ./none.pth. Paths are relative to the current folder.",
    "recipe.yml:5:47: b and a both write a.safetensors. Give one of them another name.",
    "recipe.yml:6:13: unknown stage kind quantise. Did you mean quantize?",
    "and 4 more",
  ]);
});

describe("a problem that only follows from another one is not reported", () => {
  test.each([
    [
      "a net of a stage of an unknown kind",
      ["a: {kind: trane}", "b: {kind: refine, refine: a}"],
      ["2:13"],
    ],
    ["a net of a stage without a kind", ["a: {}", "b: {kind: refine, refine: a}"], ["2:3"]],
    ["a net of a stage that is not a map", ["a: train", "b: {kind: prune, model: a}"], ["2:6"]],
    [
      "a net of a stage with an invalid name",
      ["a.b: {kind: train}", "b: {kind: prune, model: a.b}"],
      ["2:3"],
    ],
    [
      "a net of a stage with an invalid option",
      ["a: {kind: train, epochs: 0}", "b: {kind: refine, refine: a}"],
      ["2:28"],
    ],
    ["an input without a value", ["b: {kind: refine, refine: }"], ["2:29"]],
    ["an input that is not text", ["b: {kind: refine, refine: true}"], ["2:29"]],
    ["a list that is text", ["c: {kind: compare, files: base}"], ["2:29"]],
    ["a list that is a map", ["c: {kind: compare, files: {base: c}}"], ["2:29"]],
    ["an alias without an anchor", ["b: {kind: refine, refine: *x}"], ["2:21"]],
    ["a duplicate option", ["a: {kind: train, lr: 1, lr: x}"], ["2:27"]],
    [
      "stages that depend on a cycle",
      ["b: {kind: refine, refine: b}", "c: {kind: prune, model: b}"],
      ["2:29"],
    ],
  ])("%s", async (_, stages, valueLocations) => {
    const lines = await linesOf(["stages:", ...stages.map((line) => `  ${line}`)]);
    expect(lines.map((line) => /yml:(\d+:\d+):/.exec(line)?.[1])).toEqual(valueLocations);
  });

  test("nor are defaults that a stage of an unknown kind may have, unless no stage has such an option", async () => {
    const lines = await linesOf([
      "defaults: {percent: 0.5, percnt: 1}",
      "stages: {a: {kind: prun, model: ./x.pth}}",
    ]);
    expect(lines.map((line) => /yml:(\d+:\d+):/.exec(line)?.[1])).toEqual(["1:26", "2:20"]);
  });
});

describe("an invalid stage still has its files checked, for", () => {
  test.each([
    ["a missing file", ["b: {kind: refine, refine: ./no.pth, epochs: 0}"], ["2:29", "2:47"]],
    ["an unknown stage", ["b: {kind: refine, refine: no, epochs: 0}"], ["2:29", "2:41"]],
    ["a cycle", ["b: {kind: refine, refine: b, epochs: 0}"], ["2:29", "2:40"]],
    [
      "two cycles",
      [
        "a: {kind: refine, refine: b}",
        "b: {kind: refine, refine: a}",
        "c: {kind: refine, refine: d}",
        "d: {kind: refine, refine: c}",
      ],
      ["3:29", "5:29"],
    ],
    [
      "a file that is written twice",
      ["a: {kind: train, epochs: 0}", "b: {kind: train, save: a.safetensors}"],
      ["2:28", "3:26"],
    ],
    [
      "an input of the wrong form",
      [
        "a: {kind: train, dataset: digits}",
        "m: {kind: merge, model: a, foo: 1}",
        "r: {kind: refine, refine: m}",
      ],
      ["3:30", "4:29"],
    ],
  ])("%s", async (_, stages, valueLocations) => {
    const lines = await linesOf(["stages:", ...stages.map((line) => `  ${line}`)]);
    expect(lines.map((line) => /yml:(\d+:\d+):/.exec(line)?.[1])).toEqual(valueLocations);
  });
});
