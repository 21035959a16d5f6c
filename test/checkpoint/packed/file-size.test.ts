import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packModel, writePackedCheckpoint } from "../../../src/checkpoint/packed/pack-model.js";
import { modelState } from "../../../src/checkpoint/tensors/model-state.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { readSafetensors } from "../../../src/formats/safetensors/read-safetensors.js";
import type { Quantization } from "../../../src/graph/quantizers.js";
import { builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";
import { kernelShape } from "../../../src/models/chains/kernel-shape.js";
import { chainSpecOf, specOfModel } from "../../../src/models/net-spec.js";
import { pruneWeights } from "../../../src/prune/apply/prune-weights.js";
import { chainModel } from "../../models/chain-model.js";
import type { NetWeights } from "../../models/conv-weights.js";
import { readNetWeights } from "../../models/net-weights.js";
import { binaryActivations } from "../../models/quantizations.js";
import { randomWeights } from "../../models/random-weights.js";
import { chainPlanner, importanceOf } from "../../prune/chain-plan.js";
import { exportNet } from "./export-nets.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-size-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const W2A2 = {
  weights: { kind: "binary", hasAlpha: true },
  activations: binaryActivations,
} as const;
const W3A2 = {
  weights: { kind: "ternary", hasAlpha: true, gapRatio: null },
  activations: binaryActivations,
} as const;
const W4A4 = {
  weights: { kind: "dorefa", bits: 4 },
  activations: { kind: "dorefa", bits: 4, scale: 0.1 },
} as const;

const fullSize = (arch: "nin" | "nin_gc", quantization: Quantization): ChainSpec =>
  builtInSpec({
    arch,
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "dorefa",
    quantization,
  });

const whole = (spec: ChainSpec) => ({ spec, weights: randomWeights(spec, 2) });

const pruned = (spec: ChainSpec): { spec: ChainSpec; weights: NetWeights } => {
  const model = chainModel(spec, randomWeights(spec, 2));
  const plan = chainPlanner(spec, importanceOf(model, "gamma"))({ kind: "global", percent: 0.4 });
  const small = pruneWeights(model, plan.channels);
  const smaller = chainSpecOf(specOfModel(spec, small, spec.form), "the pruned net");
  const stored = { state: modelState(small), path: "the pruned net", manifest: undefined };
  return { spec: smaller, weights: readNetWeights(stored, smaller) };
};

const weightsIn = (spec: ChainSpec, isQuantized: boolean): number =>
  spec.convs.reduce(
    (sum, conv, at) =>
      conv.isQuantized === isQuantized
        ? sum + kernelShape(spec, at).reduce((product, side) => product * side, 1)
        : sum,
    0,
  );

test.each([
  ["NIN W2/A2", 1, () => whole(fullSize("nin", W2A2))],
  ["NIN W3/A2", 2, () => whole(fullSize("nin", W3A2))],
  ["NIN-GC W4/A4", 4, () => whole(fullSize("nin_gc", W4A4))],
  ["a pruned NIN-GC W2/A2", 1, () => pruned(fullSize("nin_gc", W2A2))],
] as const)("%s takes its bits, its float32 values and the header", async (_, bits, make) => {
  const { spec, weights } = make();
  const net = exportNet(spec, "baked", weights);
  const path = join(folder, "net.safetensors");
  await writePackedCheckpoint(path, packModel(net.model), {
    ...net,
    isFinished: true,
    version: "test",
  });
  const { tensors } = await readSafetensors(path);
  const channels = spec.convs.reduce((sum, { width }) => sum + width, 0);
  const alphas = bits === 4 ? 0 : channels - (spec.convs[0]?.width ?? 0) - spec.classes;
  // Bias, gamma, beta, mean and variance of every channel.
  const floats = 5 * channels + alphas + weightsIn(spec, false);
  const dataBytes = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  const { size } = statSync(path);
  const header = size - dataBytes;
  const needed = (weightsIn(spec, true) * bits) / 8 + 4 * floats + header;
  expect(size / needed).toBeGreaterThan(0.98);
  expect(size / needed).toBeLessThan(1.02);
  // The header must not hide payload.
  expect(dataBytes / (needed - header)).toBeCloseTo(1, 4);
  expect(header).toBeLessThan(12_000);
});
