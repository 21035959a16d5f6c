import { describe, expect, test } from "vitest";
import { stageArgv } from "../../../src/recipes/running/stage-argv.js";
import { decidingOptions } from "../../../src/recipes/running/stage-key.js";
import { recipeOf } from "../recipe-text.js";

const CHAIN = `
defaults:
  dataset: digits
  epochs: 3
  width: 0.5
stages:
  last: {kind: quantize, refine: middle, Wbits: 4, lr-drops: [1, 2]}
  middle: {kind: refine, refine: first, epochs: 5}
  first: {kind: sparse, s: 0.001}
  small: {kind: merge, model: last, test: false}
  page: {kind: export, file: small, format: tfjs}
`;

const chain = async (...sets: string[]) => {
  const recipe = await recipeOf(CHAIN, sets);
  const named = (name: string) => {
    const stage = recipe.stages.find((each) => each.name === name);
    if (!stage) throw new Error(name);
    return { ...stage, argv: stageArgv(stage, recipe) };
  };
  return { order: recipe.stages.map(({ name }) => name), named };
};

test("a stage runs after those whose files it reads, otherwise in the order of the file", async () => {
  expect((await chain()).order).toEqual(["first", "middle", "last", "small", "page"]);
});

test("a stage has a command line, with paths in place of stage names", async () => {
  const { named } = await chain();
  expect(named("first").argv.join(" ")).toBe(
    "prune --dataset digits --epochs 3 --width 0.5 --s 0.001 --sparsity-regularization --save models_save/recipe/first.safetensors",
  );
  expect(named("last").argv.join(" ")).toBe(
    "wqaq --dataset digits --epochs 3 --Wbits 4 --lr-drops 1,2 --refine models_save/recipe/middle.safetensors --save models_save/recipe/last.safetensors",
  );
  expect(named("small").argv).toContain("--no-test");
  expect(named("page").argv.join(" ")).toBe(
    "export models_save/recipe/small.safetensors --dataset digits --format tfjs --save models_save/recipe/page",
  );
});

describe("the more specific value of an option wins:", () => {
  test("the stage's over the default", async () => {
    expect((await chain()).named("middle").options.epochs).toBe(5);
  });

  test("that of --set over both, a later one over an earlier one, that for one stage over that for all", async () => {
    const { named } = await chain("epochs=2", "epochs=1", "last.epochs=9");
    const epochs = ["first", "middle", "last"].map((name) => named(name).options.epochs);
    expect(epochs).toEqual([1, 1, 9]);
  });

  test("W replaces the default bits and chooses the command", async () => {
    const { named } = await chain("last.W=3", "last.A=2");
    expect(named("last")).toMatchObject({ command: "wbwtab", options: { W: 3, A: 2 } });
    expect(named("last").given).not.toHaveProperty("Wbits");
  });
});

test("default widths do not apply to a stage that starts from a file", async () => {
  const { named } = await chain("width=0.25");
  expect(named("first").given.width).toBe("0.25");
  expect(named("middle").given).not.toHaveProperty("width");
});

test("the options decide whether a train stage quantizes", async () => {
  const { stages } = await recipeOf(
    "stages: {a: {kind: train}, b: {kind: train, A: 2}, c: {kind: train, Wbits: 2, A: 2}}",
  );
  expect(stages.map(({ command }) => command)).toEqual(["prune", "wbwtab", "wqaq"]);
});

test("options that only feed a stage or show its progress do not affect its output", async () => {
  const { named } = await chain("num_workers=0", "data=elsewhere", "save-every=3", "quiet=true");
  const plain = (await chain()).named("first");
  expect(decidingOptions(named("first"))).toEqual(decidingOptions(plain));
  const other = (await chain("seed=2")).named("first");
  expect(decidingOptions(other)).not.toEqual(decidingOptions(plain));
});

test("aliases repeat values of options", async () => {
  const { stages } = await recipeOf(
    "stages: {a: {kind: train, lr: &rate 0.5, cfg: &widths [8, 8]}, b: {kind: train, lr: *rate, cfg: *widths}}",
  );
  expect(stages[1]?.options).toMatchObject({ lr: 0.5, cfg: [8, 8] });
});
