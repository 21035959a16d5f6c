import { z } from "zod";
import { foldBatchNorms } from "../../../src/bnmerge/fold-batch-norms.js";
import { readModel } from "../../../src/checkpoint/read-model.js";
import { modelState } from "../../../src/checkpoint/tensors/model-state.js";
import { applyState, type StateDict } from "../../../src/checkpoint/tensors/net-state.js";
import { buildNet } from "../../../src/models/build-net.js";
import { builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";
import { chainToGraph } from "../../../src/models/chains/chain-to-graph.js";
import { bakeWeights } from "../../../src/passes/bake-weights.js";
import { below, stored, toNhwc, valuesOf } from "../compare.js";
import type { Check } from "./check.js";

/** Tensors are products and quotients of a few float32 numbers. */
const TENSOR_TOLERANCE = 1e-5;
const LOGITS_TOLERANCE = 1e-4;
/** Of 100 images, those that a sign at its boundary may move between two implementations. */
const MOVED_IMAGES = 2;

const params = z.object({
  net: z.enum(["nin", "nin_gc"]),
  cfg: z.array(z.int()),
  W: z.literal([2, 3, 32]),
  A: z.literal([2, 32]),
});

const WEIGHTS = {
  2: { kind: "binary", hasAlpha: true },
  3: { kind: "ternary", hasAlpha: true, gapRatio: null },
  32: { kind: "float" },
} as const;
const ACTIVATIONS = {
  2: { kind: "binary", values: "sign", straightThrough: "saturate" },
  32: { kind: "float" },
} as const;

const logitsOf = (spec: ChainSpec, state: StateDict, images: ReturnType<typeof toNhwc>) => {
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  applyState(net, state, "bn-merge");
  const logits = net.infer(images).dataSync() as Float32Array;
  net.dispose();
  return logits;
};

const CLASSES = 10;

/** How many images have a logit that differs by more than the tolerance. */
const movedImages = (actual: Float32Array, expected: Float32Array): number => {
  const moved = new Set<number>();
  expected.forEach((value, at) => {
    const gap = Math.abs((actual[at] as number) - value);
    if (!(gap <= LOGITS_TOLERANCE)) moved.add(Math.floor(at / CLASSES));
  });
  return moved.size;
};

/** The list of inputs: 100 images in [0, 1). */
export const checkMergeInputs: Check = ({ tensors, findings }) => {
  const values = [...tensors.keys()].map((name) => valuesOf(tensors, name));
  const isInside = values.every((each) => each.every((value) => value >= 0 && value < 1));
  findings.claim(
    "inputs are not 100 images in [0, 1)",
    isInside && values[0]?.length === 100 * 3072,
  );
};

/**
 * bn_merge.py: quantized weights, merged tensors, logits before and after. Where the original's merge is
 * not sound, the plain fold is what counts; with other gammas only its logits.
 */
export const checkMerge: Check = async ({ fixture, tensors, fixtures, findings }) => {
  const { net: arch, cfg, W, A } = params.parse(fixture.params);
  const spec = builtInSpec({
    arch,
    widths: cfg,
    classes: CLASSES,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "tnn_bin",
    quantization: { weights: WEIGHTS[W], activations: ACTIVATIONS[A] },
  });
  const state = below(tensors, "state.");
  const numbers = { state, path: fixture.name, manifest: undefined };
  const baked = bakeWeights(readModel(numbers, chainToGraph(spec)));
  const bakedState = modelState(baked);
  for (const [name] of below(tensors, "quant.")) {
    findings.close(
      `quant ${name}`,
      valuesOf(bakedState, name),
      valuesOf(tensors, `quant.${name}`),
      1e-6,
    );
  }
  const mergedTensors = modelState(foldBatchNorms(baked));
  const isSound = fixture.scalars.original_merge_is_sound === true;
  const prefix = isSound ? "merged." : "ordinary.";
  if (isSound || A === 32) {
    for (const [name] of below(tensors, prefix)) {
      stored(mergedTensors, name);
      findings.close(
        name,
        valuesOf(mergedTensors, name),
        valuesOf(tensors, prefix + name),
        TENSOR_TOLERANCE,
      );
    }
  }
  const inputs = await fixtures.tensorsOf(fixtures.caseNamed("bn-merge-inputs"));
  const images = toNhwc(inputs, [...inputs.keys()][0] as string);
  const before = logitsOf({ ...spec, form: "baked" }, bakedState, images);
  const after = logitsOf({ ...spec, form: "merged" }, mergedTensors, images);
  const logits = isSound ? "logits_after" : "logits_ordinary";
  const moved = [
    movedImages(before, valuesOf(tensors, "logits_before")),
    movedImages(after, valuesOf(tensors, logits)),
    movedImages(after, before),
  ];
  findings.claim(
    `images moved: ${moved}`,
    moved.every((count) => count <= MOVED_IMAGES),
  );
};
