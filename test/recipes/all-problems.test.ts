import { describe, expect, test } from "vitest";
import { refusalOf } from "./recipe-text.js";

/** What is said of a recipe, a line each, without the hint that stands for all. */
const linesOf = async (lines: readonly string[], sets: readonly string[] = []) =>
  (await refusalOf(lines.join("\n"), sets))
    .replace(/^usage: | docs\/recipes\.md.*$/g, "")
    .split("\n");

test("what is wrong is told at once, by line and column, each with its hint", async () => {
  const lines = await linesOf(
    [
      "foldr: x",
      "defaults: {dataset: digits, epoch: 2}",
      "stages:",
      "  a: {kind: train, lr: -1, momentum: 0.9, epochs: many}",
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
    "--set b.epoch=1: a stage of the kind refine has no option epoch. Did you mean epochs?",
    "recipe.yml:1:1: a recipe has no foldr. Did you mean folder?",
    "recipe.yml:2:29: no stage takes the option epoch from here. Did you mean epochs?",
    "recipe.yml:4:24: lr: found -1, expected a number above 0. For example lr: 0.01.",
    "recipe.yml:4:28: a stage of the kind train has no option momentum. Training is by Adam; lr and wd are its options.",
    "recipe.yml:4:51: epochs: found many, expected a whole number of at least 1. For example epochs: 300.",
    "recipe.yml:5:29: there is no file ./none.pth. Paths start from the folder that qprune is called in.",
    "recipe.yml:5:47: b and a both write a.safetensors. Give one of them another name.",
    "recipe.yml:6:13: there is no stage of the kind quantise. Did you mean quantize?",
    "and 4 more",
  ]);
});

describe("what only follows from something else is not told", () => {
  test.each([
    [
      "a net of a stage of an unknown kind",
      ["a: {kind: trane}", "b: {kind: refine, refine: a}"],
      ["2:13"],
    ],
    ["a net of a stage without a kind", ["a: {}", "b: {kind: refine, refine: a}"], ["2:3"]],
    ["a net of a stage that is no map", ["a: train", "b: {kind: prune, model: a}"], ["2:6"]],
    [
      "a net of a stage of no name",
      ["a.b: {kind: train}", "b: {kind: prune, model: a.b}"],
      ["2:3"],
    ],
    [
      "a net of a stage with a wrong option",
      ["a: {kind: train, epochs: 0}", "b: {kind: refine, refine: a}"],
      ["2:28"],
    ],
    ["an input without a value", ["b: {kind: refine, refine: }"], ["2:29"]],
    ["an input that is no text", ["b: {kind: refine, refine: true}"], ["2:29"]],
    ["a list that is a text", ["c: {kind: compare, files: base}"], ["2:29"]],
    ["a list that is a map", ["c: {kind: compare, files: {base: c}}"], ["2:29"]],
    ["an alias of nothing", ["b: {kind: refine, refine: *x}"], ["2:21"]],
    ["an option that stands twice", ["a: {kind: train, lr: 1, lr: x}"], ["2:27"]],
    [
      "stages behind a circle",
      ["b: {kind: refine, refine: b}", "c: {kind: prune, model: b}"],
      ["2:29"],
    ],
  ])("%s", async (_, stages, places) => {
    const lines = await linesOf(["stages:", ...stages.map((line) => `  ${line}`)]);
    expect(lines.map((line) => /yml:(\d+:\d+):/.exec(line)?.[1])).toEqual(places);
  });

  test("defaults that a stage of an unknown kind may take, but not what is no option", async () => {
    const lines = await linesOf([
      "defaults: {percent: 0.5, percnt: 1}",
      "stages: {a: {kind: prun, model: ./x.pth}}",
    ]);
    expect(lines.map((line) => /yml:(\d+:\d+):/.exec(line)?.[1])).toEqual(["1:26", "2:20"]);
  });
});

describe("what is wrong with a stage hides nothing of its files", () => {
  test.each([
    ["a missing file", ["b: {kind: refine, refine: ./no.pth, epochs: 0}"], ["2:29", "2:47"]],
    ["an unknown stage", ["b: {kind: refine, refine: no, epochs: 0}"], ["2:29", "2:41"]],
    ["a circle", ["b: {kind: refine, refine: b, epochs: 0}"], ["2:29", "2:40"]],
    [
      "two circles",
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
      "a file of another form",
      [
        "a: {kind: train, dataset: digits}",
        "m: {kind: merge, model: a, foo: 1}",
        "r: {kind: refine, refine: m}",
      ],
      ["3:30", "4:29"],
    ],
  ])("%s", async (_, stages, places) => {
    const lines = await linesOf(["stages:", ...stages.map((line) => `  ${line}`)]);
    expect(lines.map((line) => /yml:(\d+:\d+):/.exec(line)?.[1])).toEqual(places);
  });
});
