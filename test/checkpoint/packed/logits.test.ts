import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyCheckpoint } from "../../../src/checkpoint/apply-checkpoint.js";
import { loadCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import { packModel, writePackedCheckpoint } from "../../../src/checkpoint/packed/pack-model.js";
import { weightsState } from "../../../src/checkpoint/tensors/net-weights.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { buildNet } from "../../../src/models/build-net.js";
import type { Tensor4D } from "../../../src/tensor/tf.js";
import { nameOf, quantizedWeights } from "../../models/quantizations.js";
import { randomWeights } from "../../models/random-weights.js";
import { randomTensor } from "../../random-tensor.js";
import { denseOf, exportNet, smallSpec } from "./export-nets.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-logits-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "net.safetensors");

type Applied = Parameters<typeof applyCheckpoint>[1];

const logitsOf = (checkpoint: Applied, spec: Parameters<typeof buildNet>[0]): number[] => {
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  applyCheckpoint(net, checkpoint);
  const images = randomTensor([4, 8, 8, 3], 3) as Tensor4D;
  const logits = [...net.infer(images).dataSync()];
  net.dispose();
  return logits;
};

const orders = ["conv-norm-activation", "norm-activation-conv"] as const;
const cases = quantizedWeights.flatMap((weights) =>
  orders.map((order) => [nameOf(weights), order, weights] as const),
);

describe.each(["native", "js"] as const)("on the %s engine", (engine) => {
  beforeAll(async () => {
    await loadEngine({ engine, notify: () => {} });
  });

  test.each(cases)(
    "a packed file computes exactly the logits of its net: %s, %s",
    async (_, order, weights) => {
      const spec = smallSpec({ weights, order });
      const latent = {
        path,
        state: weightsState(spec, randomWeights(spec, 5)),
        manifest: undefined,
      };
      const trained = logitsOf(latent, spec);
      expect(new Set(trained).size).toBeGreaterThan(1);
      for (const form of ["baked", "merged"] as const) {
        const net = exportNet(spec, form);
        const dense = logitsOf({ path, state: denseOf(net), manifest: undefined }, net.spec);
        await writePackedCheckpoint(path, packModel(net.model), {
          ...net,
          isFinished: true,
          version: "test",
        });
        const read = await loadCheckpoint(path);
        expect(read.manifest?.spec).toEqual(net.spec);
        expect(logitsOf(read, net.spec)).toEqual(dense);
        if (form === "baked") expect(dense).toEqual(trained);
      }
    },
  );
});
