import { expect, test } from "vitest";
import { creatingAdvice } from "../../src/cli/creating-call.js";

test.each([
  ["models_save/wqaq/nin_gc.safetensors", "qprune wqaq --arch nin_gc"],
  ["./models_save/wbwtab/nin.safetensors", "qprune wbwtab --arch nin"],
  ["models_save/wqaq/nin.state.safetensors", "qprune wqaq --arch nin"],
  ["models_save/prune/vgg.safetensors", "qprune prune --arch vgg"],
  ["models_save/prune/nin_preprune.safetensors", "qprune prune -sr --s 0.001 --arch nin"],
  [
    "models_save/prune/nin_prune.safetensors",
    "qprune normal-regular-prune --model models_save/prune/nin_preprune.safetensors",
  ],
  [
    "models_save/prune/nin_refine.safetensors",
    "qprune prune --refine models_save/prune/nin_prune.safetensors",
  ],
  ["models_save/bn_merge/quan_model.safetensors", "qprune bn-merge"],
])("a missing %s comes with the command that writes it", (path, call) => {
  expect(creatingAdvice(path, [])).toBe(`To create ${path}: ${call}`);
});

test("for other model files, the commands that train are named if no file exists", () => {
  expect(creatingAdvice("nin.pth", ["nin.safetensors"])).toBeUndefined();
  expect(creatingAdvice("nin.pth", [])).toBe(
    "qprune wqaq, wbwtab and prune train nets and save them in models_save.",
  );
});

test("files that are not models come without advice", () => {
  expect(creatingAdvice("net.json", [])).toBeUndefined();
});
