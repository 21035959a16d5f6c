import { describe, expect, test } from "vitest";
import { meantOptions, SYNONYMS } from "../../../src/options/names/option-synonyms.js";
import { optionHint } from "../../../src/recipes/options/option-hint.js";
import { everyOptionName } from "../../../src/recipes/options/option-kinds.js";
import { refusalOf } from "../recipe-text.js";

const names = everyOptionName();

describe("a name from another program suggests the option that it stands for", () => {
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
    ["optim", "Did you mean optimizer?"],
    ["betas", "Adam has its default betas."],
    ["device", "qprune computes on the CPU only."],
    ["epoch", "Did you mean epochs?"],
    ["constructor", undefined],
    ["__proto__", undefined],
    ["nothing-like-it", undefined],
  ])("%s", (name, hint) => {
    expect(optionHint(name, names)).toBe(hint);
  });

  test("every synonym stands for options that exist", () => {
    for (const [name, meant] of Object.entries(SYNONYMS)) {
      expect(meantOptions(name, names), name).toEqual(meant);
    }
  });
});

describe("an option that a stage does not have", () => {
  const train = "stages:\n  a: {kind: train, dataset: digits}\n  b: ";
  test.each([
    ["a net under another option's name", "{kind: refine, refine: a, model: a}", /Did you mean/],
    [
      "an option of other kinds",
      "{kind: refine, refine: a, percent: 0.5}",
      /no option percent\. It is an option of prune stages\./,
    ],
    [
      "bits of a stage that does not quantize",
      "{kind: refine, refine: a, bits: 4}",
      /Did you mean Wbits or Abits\? It is an option of train, quantize, merge stages/,
    ],
    [
      "an option that no kind has",
      "{kind: refine, refine: a, zzzzz: 1}",
      /no option zzzzz\. qprune prune --help lists its options/,
    ],
    [
      "an option of training stages",
      "{kind: export, file: a, lr: 1}",
      /It is an option of train, sparse, refine, quantize stages\./,
    ],
  ])("%s", async (_, stage, message) => {
    expect(await refusalOf(train + stage)).toMatch(message);
  });

  test("a default that no stage has", async () => {
    const text = `defaults: {percent: 0.5}\n${train}{kind: refine, refine: a}`;
    expect(await refusalOf(text)).toMatch(
      /1:12: the shared option percent applies to no stage\. It is an option of prune stages/,
    );
  });
});
