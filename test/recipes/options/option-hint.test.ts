import { describe, expect, test } from "vitest";
import { meantOptions, SYNONYMS } from "../../../src/options/option-synonyms.js";
import { optionHint } from "../../../src/recipes/options/option-hint.js";
import { everyOptionName } from "../../../src/recipes/options/option-kinds.js";
import { refusalOf } from "../recipe-text.js";

const names = everyOptionName();

describe("names of other programs are taken for the options that they stand for", () => {
  test.each([
    ["learning-rate", "Did you mean lr?"],
    ["learning_rate", "Did you mean lr?"],
    ["learningRate", "Did you mean lr?"],
    ["batch-size", "Did you mean train-batch-size or eval-batch-size?"],
    ["batchSize", "Did you mean train-batch-size or eval-batch-size?"],
    ["weight_decay", "Did you mean wd?"],
    ["bits", "Did you mean Wbits or Abits?"],
    ["workers", "Did you mean num-workers?"],
    ["trainLimit", "Did you mean train-limit?"],
    ["WBITS", "Did you mean Wbits?"],
    ["optimizer", "Training is by Adam; lr and wd are its options."],
    ["device", "Everything is computed on the CPU."],
    ["epoch", "Did you mean epochs?"],
    ["constructor", undefined],
    ["__proto__", undefined],
    ["nothing-like-it", undefined],
  ])("%s", (name, hint) => {
    expect(optionHint(name, names)).toBe(hint);
  });

  test("each stands for options that there are, under a name that is none or is only some stages'", () => {
    for (const [name, meant] of Object.entries(SYNONYMS)) {
      expect(meantOptions(name, names), name).toEqual(meant);
    }
  });
});

describe("an option in a wrong stage", () => {
  const train = "stages:\n  a: {kind: train, dataset: digits}\n  b: ";
  test.each([
    ["a net by another option's name", "{kind: refine, refine: a, model: a}", /Did you mean/],
    [
      "an option of other kinds",
      "{kind: refine, refine: a, percent: 0.5}",
      /no option percent\. Stages of the kind prune have it\./,
    ],
    [
      "bits of a stage without any",
      "{kind: refine, refine: a, bits: 4}",
      /Did you mean Wbits or Abits\? Stages of the kinds train, quantize, merge have it/,
    ],
    [
      "an option of no kind",
      "{kind: refine, refine: a, zzzzz: 1}",
      /no option zzzzz\. qprune prune --help lists its options/,
    ],
    [
      "an option of trainings",
      "{kind: export, file: a, lr: 1}",
      /Stages of the kinds train, sparse, refine, quantize have it\./,
    ],
  ])("%s", async (_, stage, message) => {
    expect(await refusalOf(train + stage)).toMatch(message);
  });

  test("a default of no stage", async () => {
    const text = `defaults: {percent: 0.5}\n${train}{kind: refine, refine: a}`;
    expect(await refusalOf(text)).toMatch(
      /1:12: no stage takes the option percent from here\. Stages of the kind prune have it/,
    );
  });
});
