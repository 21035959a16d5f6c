import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Checkpoint } from "../../../src/checkpoint/checkpoint.js";
import { netState } from "../../../src/checkpoint/tensors/net-state.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { isOwnTensor } from "../../../src/models/architectures/detectors/head-layers.js";
import { buildNet } from "../../../src/models/build-net.js";
import type { Net } from "../../../src/models/net.js";
import { architectureSpec } from "../../../src/passes/architecture-spec.js";
import { applyBackbone, readBackbone } from "../../../src/workflows/training/with-backbone.js";

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

const netOf = (arch: "resnet20" | "detector_resnet20", seed: number, width = 0.125): Net =>
  buildNet(
    architectureSpec({
      ...{ arch, width, classes: arch === "resnet20" ? 7 : 3, quantization: FLOAT },
      input: { channels: 3, height: 64, width: 64 },
    }),
    { seed, gammaStart: "uniform", kernelStart: "published" },
  );

const fileOf = (net: Net): Checkpoint =>
  ({ state: netState(net), path: "classifier.safetensors" }) as Checkpoint;

const nets: Net[] = [];
const used = (net: Net): Net => {
  nets.push(net);
  return net;
};

beforeAll(() => loadEngine({ engine: "js", notify: () => {} }));
afterAll(() => {
  for (const net of nets) net.dispose();
});

test("a detector gets the tensors of the classifier, and keeps its own pyramid and heads", () => {
  const classifier = used(netOf("resnet20", 1));
  const [detector, before] = [
    used(netOf("detector_resnet20", 2)),
    used(netOf("detector_resnet20", 2)),
  ];
  applyBackbone(detector, fileOf(classifier));
  const [state, own, source] = [detector, before, classifier].map(netState) as [
    ReturnType<typeof netState>,
    ReturnType<typeof netState>,
    ReturnType<typeof netState>,
  ];
  let taken = 0;
  for (const [name, tensor] of state) {
    const from = isOwnTensor(name) ? own.get(name) : source.get(name);
    expect(tensor, name).toEqual(from);
    if (!isOwnTensor(name)) taken++;
  }
  // All tensors of the classifier, except its last layer of weight and bias.
  expect(taken).toBe(source.size - 2);
});

test("a classifier of another width is refused with the name of a tensor", () => {
  const detector = used(netOf("detector_resnet20", 2));
  expect(() => applyBackbone(detector, fileOf(used(netOf("resnet20", 1, 0.25))))).toThrow(
    /classifier.safetensors: tensor conv1.weight has shape/,
  );
});

test("only a new detector has a backbone from a file, which exists", async () => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-backbone-"));
  const options = {
    arch: "detector_resnet20" as const,
    backbone: join(folder, "none.safetensors"),
    evaluate: false,
    key: undefined,
    refine: undefined,
  };
  try {
    await expect(readBackbone(options)).rejects.toThrow(/Cannot read .*none.safetensors/);
    await expect(readBackbone({ ...options, refine: "net.pth" })).rejects.toThrow(
      /start from scratch/,
    );
    await expect(readBackbone({ ...options, arch: "resnet20" as const })).rejects.toThrow(
      /for detectors on the backbones of classifiers/,
    );
    const mismatch = {
      ...options,
      arch: "detector_resnet18" as const,
      backbone: "data/models/cifar10-resnet20.safetensors",
    };
    await expect(readBackbone(mismatch)).rejects.toThrow(
      /is resnet20, but the backbone of detector_resnet18 is that of resnet18/,
    );
    expect(await readBackbone({ ...options, backbone: undefined })).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
