import { expect, test } from "vitest";
import { stageArgv } from "../../../src/recipes/running/stage-argv.js";
import { stageCall } from "../../../src/recipes/running/stage-call.js";
import { recipeOf, refusalOf } from "../recipe-text.js";

const STAGES = `
stages:
  float: {kind: train, arch: nin, dataset: digits}
  w4a8: {kind: ptq, file: float, wbits: 4, calibration: 64}
  finer: {kind: quantize, refine: w4a8, quantizer: affine, Wbits: 4, Abits: 8, dataset: digits}
  small: {kind: export, file: w4a8, format: tflite}
`;

const MODE = { resumes: false, replaces: false };

test("a ptq stage quantizes the net of another stage, and others train or export what it writes", async () => {
  const recipe = await recipeOf(STAGES);
  expect(recipe.stages.map(({ name }) => name)).toEqual(["float", "w4a8", "finer", "small"]);
  const [, quantized, finer] = recipe.stages;
  if (!quantized || !finer) throw new Error("stages are missing");
  expect(stageArgv(quantized, recipe).join(" ")).toBe(
    "ptq models_save/recipe/float.safetensors --wbits 4 --calibration 64 --save models_save/recipe/w4a8.safetensors",
  );
  const call = stageCall(quantized, recipe, MODE);
  if (call.kind !== "ptq") throw new Error(call.kind);
  expect(call.call.options).toMatchObject({
    file: "models_save/recipe/float.safetensors",
    wbits: 4,
    abits: 8,
    calibration: 64,
    save: "models_save/recipe/w4a8.safetensors",
  });
  expect(stageArgv(finer, recipe)).toContain("models_save/recipe/w4a8.safetensors");
});

test("what a ptq stage writes is neither pruned nor quantized again", async () => {
  for (const next of ["{kind: prune, model: w4a8}", "{kind: ptq, file: w4a8}"])
    expect(await refusalOf(`${STAGES}  next: ${next}\n`)).toContain("a quantized net");
});
