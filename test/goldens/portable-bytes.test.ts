import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { writeDenseNet } from "../../src/export/dense-file.js";
import { packNet, writePackedNet } from "../../src/export/packed-file.js";
import { tfjsModel } from "../../src/export/tfjs/model-files/tfjs-model.js";
import type { Quantization } from "../../src/graph/quantizers.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import { channelImportance } from "../../src/prune/importance.js";
import { makePlan } from "../../src/prune/make-plan.js";
import { bakedNet, mergedNet } from "../export/exported.js";
import { specOf } from "../export/tfjs/cases.js";
import { randomWeights } from "../models/random-weights.js";

// Digests of files that qprune writes for weights drawn by hashing. A change that should not change results keeps them;
// one that should replaces them. The JavaScript engine computes the same digests on every machine;
// `npm run goldens` compares what the native engine trains.
const folder = mkdtempSync(join(tmpdir(), "qprune-goldens-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const SIGN = { kind: "binary", values: "sign", straightThrough: "saturate" } as const;
const small = { width: 0.125, side: 16 };
const spec = (net: keyof typeof builtInNets, quantization: Quantization): ChainSpec =>
  specOf({ description: builtInNets[net], quantization, ...small });

const SPECS = {
  "nin W4/A4": spec("nin", {
    weights: { kind: "dorefa", bits: 4 },
    activations: { kind: "dorefa", bits: 4, scale: 0.5 },
  }),
  "nin_gc W3/A4": spec("nin_gc", {
    weights: { kind: "ternary", hasAlpha: true, gapRatio: null },
    activations: { kind: "dorefa", bits: 4, scale: 0.1 },
  }),
  "nin_bn_conv W2/A2": spec("nin_bn_conv", {
    weights: { kind: "binary", hasAlpha: true },
    activations: SIGN,
  }),
};

const digestOf = (chunks: Iterable<string | Uint8Array>): string => {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex").slice(0, 16);
};
const digestOfFile = (name: string): string => digestOf([readFileSync(join(folder, name))]);

const digestsOf = async (of: ChainSpec): Promise<Record<string, string>> => {
  const weights = randomWeights(of, 1);
  const [baked, merged] = [bakedNet(of, weights), mergedNet(of, weights)];
  await writePackedNet(
    packNet(baked, "int8", "a test"),
    join(folder, "packed.safetensors"),
    "0.0.0",
  );
  await writeDenseNet(merged, join(folder, "merged.safetensors"), "0.0.0");
  const tfjs = [...tfjsModel(merged, "0.0.0")].flat();
  return {
    packed: digestOfFile("packed.safetensors"),
    merged: digestOfFile("merged.safetensors"),
    tfjs: digestOf(tfjs),
  };
};

test.each([
  [
    "nin W4/A4",
    { packed: "31216012d43aaa93", merged: "74549f921074acae", tfjs: "087163e7c854b97c" },
  ],
  [
    "nin_gc W3/A4",
    { packed: "cec54f329e190c92", merged: "18b1e01834ddfeb2", tfjs: "7b3298bb5d26b010" },
  ],
  [
    "nin_bn_conv W2/A2",
    { packed: "3f1492e95c9269b7", merged: "a8db7bb029a71882", tfjs: "39cbabcf4b0a6182" },
  ],
] as const)("%s is written byte for byte as before", async (name, digests) => {
  expect(await digestsOf(SPECS[name])).toEqual(digests);
});

test("the same channels are pruned as before", () => {
  const float = { weights: { kind: "float" }, activations: { kind: "float" } } as const;
  const kept = (["nin", "nin_gc"] as const).map((net) => {
    const of = spec(net, float);
    const importance = channelImportance(randomWeights(of, 2), "l2") ?? [];
    const plan = makePlan({
      spec: of,
      importance,
      share: { kind: "global", percent: 0.4 },
      multiple: 4,
    });
    return plan.layers.map(({ keep }) => keep);
  });
  expect(digestOf([JSON.stringify(kept)])).toBe("46a49f4a5b7cec55");
});
