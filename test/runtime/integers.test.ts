import { beforeAll, describe, expect, test } from "vitest";
import { wasmKernels } from "../../dist/runtime/wasm/modules.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import {
  loadRuntimeAddon,
  setUpRuntimeAddon,
} from "../../src/engine/runtime-addon/runtime-addon.js";
import { thisMachine } from "../../src/engine/setup/machine.js";
import type { Graph } from "../../src/graph/graph.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import { planIntegers } from "../../src/integer/plan-integers.js";
import { runIntegers } from "../../src/integer/run-integers.js";
import { type PlanEngine, referenceEngine } from "../../src/runtime/engine.js";
import { kernelEngine } from "../../src/runtime/kernels/kernel-engine.js";
import type { KernelTarget } from "../../src/runtime/kernels/kernel-target.js";
import { nativeKernels, type RuntimeAddon } from "../../src/runtime/native/native-kernels.js";
import { compilePlan } from "../../src/runtime/plan/compile.js";
import type { Plan, PlanStep, PlanValue } from "../../src/runtime/plan/plan.js";
import { everyKind, quantized } from "../integer/quantized-nets.js";
import { SETTINGS } from "../ptq/settings.js";

let addon: RuntimeAddon | null;
beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
  await setUpRuntimeAddon(thisMachine(), () => {});
  addon = loadRuntimeAddon() as RuntimeAddon | null;
});

/** Kernels of every size and stride, depthwise with two filters per channel, padded means, and a mean at the end. */
const windows = (): Graph => {
  const g = createGraphBuilder({ height: 11, width: 9, channels: 3 });
  const one = g.relu(g.conv("one", g.images, { filters: 20, kernel: 5, stride: 2, padding: 2 }));
  const each = g.relu6(g.conv("each", one, { filters: 20, kernel: 3, padding: 1, groups: 20 }));
  const twice = g.conv("twice", each, { filters: 40, kernel: 3, padding: 1, groups: 20 });
  const narrow = g.conv("narrow", twice, { filters: 20, kernel: 1 });
  const sum = g.add(narrow, each);
  const mean = g.averagePool(sum, { kernel: 3, stride: 2, padding: 1 });
  const wide = g.conv("wide", mean, { filters: 5, kernel: 3, padding: 2, dilation: 2 });
  return g.finish(g.globalPool(wide));
};

const FEW_BITS = { ...SETTINGS, bitsOf: () => ({ weights: 4, activations: 4 }) };

const cases = [
  ["every kind of node", everyKind(), SETTINGS],
  ["every kind of node in few bits", everyKind(), FEW_BITS],
  ["windows", windows(), SETTINGS],
] as const;

/** The first value of an engine whose codes are not those of the integer executor. */
const firstDifferent = (
  { steps, values }: Plan,
  engine: PlanEngine,
  { codes, output }: ReturnType<typeof runIntegers>,
): string | undefined => {
  let different: string | undefined;
  let compared = 0;
  engine.trace((at) => {
    const { output: index } = steps[at] as PlanStep;
    const { name, format } = values[index] as PlanValue;
    const wanted = codes.get(name);
    if (different || !wanted || format.kind === "floats") return;
    compared++;
    const least = -(format.top + 1) / 2;
    const own = engine.read(index);
    if (wanted.some((code, place) => own[place] !== code - least)) different = name;
  });
  if (compared < 5) return `${compared} values were compared`;
  const largest = Math.max(...output.map(Math.abs));
  const isNear = output.every(
    (value, place) => Math.abs((engine.output[place] as number) - value) < 1e-6 * largest,
  );
  return different ?? (isNear ? undefined : "the output");
};

describe("nets of affine quantizers have the codes of the integer executor in", () => {
  const compare = async (run: (plan: Plan) => Promise<PlanEngine> | PlanEngine) => {
    for (const [name, graph, settings] of cases)
      for (const seed of [1, 2]) {
        const { model, images } = await quantized(graph, seed, settings);
        const plan = compilePlan(model);
        const engine = await run(plan);
        const image = (images.dataSync() as Float32Array).slice(0, engine.input.length);
        engine.input.set(image);
        const wanted = runIntegers(planIntegers(model, "single"), image);
        expect(firstDifferent(plan, engine, wanted), `${name} ${seed}`).toBeUndefined();
        engine.dispose();
        images.dispose();
      }
  };

  test("the reference kernels", () => compare(referenceEngine));

  test("WebAssembly", async () => {
    const target = (await wasmKernels()) as KernelTarget;
    await compare((plan) => kernelEngine(plan, target));
  });

  test("native code", async ({ skip }) => {
    if (!addon) return skip("This processor has neither AVX2 nor AVX-512 VNNI");
    const target = nativeKernels(addon);
    await compare((plan) => kernelEngine(plan, target));
  });
});

test("a net with a layer in floats computes with floats between its codes", async () => {
  const g = createGraphBuilder({ height: 6, width: 6, channels: 3 });
  const hidden = g.relu(g.conv("hidden", g.images, { filters: 4, kernel: 3 }));
  const graph = g.finish(g.dense("classes", g.globalPool(hidden), { features: 3 }));
  const { model, images } = await quantized(graph, 3, {
    ...SETTINGS,
    bitsOf: (layer) =>
      layer === "hidden" ? { weights: 32, activations: 32 } : { weights: 8, activations: 8 },
  });
  const { steps } = compilePlan(model);
  expect(steps.every((step) => !("requantization" in step))).toBe(true);
  images.dispose();
});
