import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import {
  loadRuntimeAddon,
  setUpRuntimeAddon,
} from "../../src/engine/runtime-addon/runtime-addon.js";
import { thisMachine } from "../../src/engine/setup/machine.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";
import { kernelEngine } from "../../src/runtime/kernels/kernel-engine.js";
import { nativeKernels, type RuntimeAddon } from "../../src/runtime/native/native-kernels.js";
import { compilePlan } from "../../src/runtime/plan/compile.js";
import { randomImage, randomModel } from "../graph/random-model.js";
import { BIREAL, NETS, pairsOf } from "./cases.js";
import { firstDifferent } from "./first-different.js";
import { evaluatedNet } from "./nets.js";
import { signGraphs } from "./sign-nets.js";

let addon: RuntimeAddon | null;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  await setUpRuntimeAddon(thisMachine(), () => {});
  addon = loadRuntimeAddon() as RuntimeAddon | null;
});

describe("the native kernels compute what the reference does, to the bit:", () => {
  test.for([...NETS, BIREAL])("$arch with several pairs of bits", async (net, { skip }) => {
    if (!addon) return skip("This processor has neither AVX2 nor AVX-512 VNNI");
    for (const [pair, quantization] of pairsOf(net)) {
      const { model, images } = evaluatedNet({ ...net, quantization, images: 1 });
      const plan = compilePlan(model);
      const engine = await kernelEngine(plan, nativeKernels(addon));
      expect(firstDifferent(plan, engine, images), pair).toBeUndefined();
    }
  });

  test("layers of signs of all sizes", async ({ skip }) => {
    if (!addon) return skip("This processor has neither AVX2 nor AVX-512 VNNI");
    for (const [at, graph] of signGraphs().entries()) {
      const plan = compilePlan(bakeWeights(randomModel(graph, at)));
      const engine = await kernelEngine(plan, nativeKernels(addon));
      expect(firstDifferent(plan, engine, randomImage(graph, at)), String(at)).toBeUndefined();
    }
  });
});

test("loading the runtime with its native kernels starts no TensorFlow", () => {
  const source = `
    const { loadRuntimeAddon } = await import(${JSON.stringify(new URL("../../dist/engine/runtime-addon/runtime-addon.js", import.meta.url).href)});
    await import(${JSON.stringify(new URL("../../dist/runtime.js", import.meta.url).href)});
    loadRuntimeAddon();
    const maps = (await import("node:fs")).readFileSync("/proc/self/maps", "utf8");
    console.log(/tensorflow/.test(maps));`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", source], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
  });
  expect(printed.trim()).toBe("false");
});
