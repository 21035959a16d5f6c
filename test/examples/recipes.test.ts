import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { makeRecipe } from "../../src/recipes/make-recipe.js";
import { readRecipe } from "../../src/recipes/reading/read-recipe.js";
import { readRecipeText } from "../../src/recipes/reading/read-recipe-text.js";
import { stageArgv } from "../../src/recipes/running/stage-argv.js";

const folder = fileURLToPath(new URL("../../examples/recipes/", import.meta.url));
const names = readdirSync(folder);

const recipeOf = async (name: string) => {
  const path = join(folder, name);
  const written = readRecipe(await readRecipeText(path), path);
  return makeRecipe(written, { folder: undefined, sets: [] });
};

test("the recipes are the chains of the PyTorch scripts, those of README's tables and your own images, residual and mobile nets, CIFAR-10 in few epochs, and a quick one", () => {
  expect(names.sort()).toEqual([
    "cifar10-mobilenet-pruned.yml",
    "cifar10-nin.yml",
    "cifar10-nin_gc.yml",
    "cifar10-resnet20-pruned.yml",
    "cifar10-resnet20-steps.yml",
    "cifar10-resnet20.yml",
    "cifar10-vgg16-pruned.yml",
    "digits-detection.yml",
    "direct.yml",
    "nin-prune-wbwtab.yml",
    "nin-prune-wqaq.yml",
    "nin_gc-prune-wbwtab.yml",
    "nin_gc-prune-wqaq.yml",
    "nin_gc-wbwtab-merge.yml",
    "own-images.yml",
    "progressive.yml",
    "quick-digits.yml",
    "residual-digits.yml",
    "resnet20-half.yml",
    "short-cifar10.yml",
  ]);
});

test.each(names)("%s is a recipe with a folder of its own", async (name) => {
  const recipe = await recipeOf(name);
  expect(recipe.folder).toBe(`models_save/${name.replace(".yml", "")}`);
  expect(recipe.about).toBeTruthy();
});

test.each(names.filter((name) => name.startsWith("cifar10-")))(
  "no stage of %s chooses an epoch by the test images or takes more than 30 epochs",
  async (name) => {
    const { stages } = await recipeOf(name);
    const trained = stages.filter(({ options }) => options.epochs !== undefined);
    expect(trained.length).toBeGreaterThan(1);
    for (const { options } of trained) {
      expect(options.save_epoch).toBe("last");
      expect(options.epochs).toBeLessThanOrEqual(30);
    }
  },
);

describe.each([
  ["nin", "wqaq"],
  ["nin", "wbwtab"],
  ["nin_gc", "wqaq"],
  ["nin_gc", "wbwtab"],
])("the chain of %s to %s", (arch, last) => {
  test("has the numbers of the PyTorch scripts", async () => {
    const { stages } = await recipeOf(`${arch}-prune-${last}.yml`);
    const [sparse, pruned, refined, quantized] = stages;
    const s = arch === "nin" ? 0.0001 : 0.001;
    expect(sparse).toMatchObject({ command: "prune", options: { arch, s, epochs: 300 } });
    expect(sparse?.options.sparsity_regularization).toBe(true);
    const pruning = arch === "nin" ? [0.5, 8] : [0.4, 1];
    expect([pruned?.options.percent, pruned?.options.normal_regular]).toEqual(pruning);
    expect(refined).toMatchObject({ command: "prune", options: { epochs: 300 } });
    const quantization = last === "wqaq" ? { Wbits: 8, Abits: 8 } : { W: 3, A: 2 };
    expect(quantized).toMatchObject({ command: last, options: quantization });
  });
});

test("progressive quantization takes as many epochs to each of its ends as the direct one", async () => {
  const { stages } = await recipeOf("progressive.yml");
  const epochsTo = (name: string): number => {
    const stage = stages.find((each) => each.name === name);
    const [input] = stage?.inputs ?? [];
    const before = input?.from.kind === "stage" ? epochsTo(input.from.stage) : 0;
    return before + Number(stage?.options.epochs);
  };
  const direct = await recipeOf("direct.yml");
  for (const { name, options, given } of direct.stages) {
    expect(epochsTo(name)).toBe(options.epochs);
    const same = stages.find((each) => each.name === name);
    expect([same?.given.W, same?.given.A]).toEqual([given.W, given.A]);
  }
});

/** The product of the shares of MACs that pruning leaves on the way to a stage, and the epochs of training until there. */
const wayTo = (
  stages: Awaited<ReturnType<typeof recipeOf>>["stages"],
  name: string,
): { readonly share: number; readonly epochs: number } => {
  const stage = stages.find((each) => each.name === name);
  const [input] = stage?.inputs ?? [];
  const before =
    input?.from.kind === "stage" ? wayTo(stages, input.from.stage) : { share: 1, epochs: 0 };
  const isNew = stage?.options.new_weights === true;
  return {
    share: before.share * (stage?.kind === "prune" ? Number(stage.options.target_macs) : 1),
    epochs: (isNew ? 0 : before.epochs) + Number(stage?.options.epochs ?? 0),
  };
};

test("pruning in steps leaves as many MACs as in one step, after as many epochs", async () => {
  const { stages } = await recipeOf("cifar10-resnet20-steps.yml");
  const [steps, one] = ["refined3", "one-step-refined"].map((name) => wayTo(stages, name));
  expect(steps?.epochs).toBe(one?.epochs);
  expect(steps?.share).toBeCloseTo(one?.share ?? Number.NaN, 2);
});

test.each(["cifar10-resnet20-pruned.yml", "cifar10-vgg16-pruned.yml"])(
  "the net from scratch is trained for as many epochs as the pruned one in %s",
  async (name) => {
    const { stages } = await recipeOf(name);
    expect(wayTo(stages, "from-scratch").epochs).toBe(wayTo(stages, "refined").epochs);
  },
);

test("every stage is a call that names its files in the recipe's folder", async () => {
  for (const name of names) {
    const recipe = await recipeOf(name);
    for (const stage of recipe.stages) {
      const argv = stageArgv(stage, recipe);
      const save = argv[argv.indexOf("--save") + 1];
      const isFolder = stage.options.format === "tfjs";
      const isJson = stage.kind === "compare" || stage.kind === "sensitivity";
      const ending = isJson ? ".json" : ".safetensors";
      expect(save).toBe(join(recipe.folder, `${stage.name}${isFolder ? "" : ending}`));
    }
  }
});
