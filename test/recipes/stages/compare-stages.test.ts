import { expect, test } from "vitest";
import { stageArgv } from "../../../src/recipes/running/stage-argv.js";
import { changesOf, decidingOptions, inputPart } from "../../../src/recipes/running/stage-key.js";
import { recipeOf } from "../recipe-text.js";

const recipeWith = (files: string, ...sets: string[]) =>
  recipeOf(
    `stages: {c: {kind: compare, files: ${files}, test-limit: 9}, a: {kind: train}, b: {kind: train}}`,
    sets,
  );

const partsOf = async (files: string) => {
  const stage = (await recipeWith(files)).stages.find(({ name }) => name === "c");
  if (!stage) throw new Error("c");
  const inputs = stage.inputs.map((input) => [inputPart(input, stage), "as before"]);
  const { command } = stage;
  const options = decidingOptions(stage);
  return { command, options, inputs: Object.fromEntries(inputs), data: null };
};

test("a comparison runs after all stages in its list, and reads their files in the order of the list", async () => {
  const recipe = await recipeWith("[b, a]");
  expect(recipe.stages.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  const [, , stage] = recipe.stages;
  expect(stage && stageArgv(stage, recipe).join(" ")).toBe(
    "compare models_save/recipe/b.safetensors models_save/recipe/a.safetensors --test-limit 9 --save models_save/recipe/c.json",
  );
});

test("a flag separates the items of a list by commas", async () => {
  const { stages } = await recipeWith("[a, a]", "c.files=b, a");
  expect(stages[2]?.inputs.map(({ from }) => from)).toEqual([
    { kind: "stage", stage: "b" },
    { kind: "stage", stage: "a" },
  ]);
});

test("a changed order or item of the list is reported once, a changed file by its name", async () => {
  const before = await partsOf("[a, b]");
  expect(changesOf(before, await partsOf("[b, a]"))).toEqual(["files a,b -> b,a"]);
  expect(changesOf(before, await partsOf("[a, a]"))).toEqual(["files a,b -> a,a"]);
  const now = { ...before, inputs: { ...before.inputs, "b in files": "new" } };
  expect(changesOf(before, now)).toEqual(["the file of b in files changed"]);
});
