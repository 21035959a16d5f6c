import { z } from "zod";
import {
  binaryWeightsGradient,
  quantizeBinaryWeights,
} from "../../../src/quant/tensors/binary-weights.js";
import { constrainWeights } from "../../../src/quant/tensors/constrain-weights.js";
import { filterMagnitude } from "../../../src/quant/tensors/filters.js";
import {
  quantizeTernaryWeights,
  ternaryAlpha,
  ternaryThreshold,
} from "../../../src/quant/tensors/ternary-weights.js";
import { type Activation, activate, activateGradient } from "../../../src/tensor/ops/activation.js";
import { type Tensor, tf } from "../../../src/tensor/tf.js";
import { toTensor, valuesOf } from "../compare.js";
import type { Check, CheckInput } from "./check.js";

const TOLERANCE = 1e-6;

const weightParams = z.looseObject({ W: z.literal([2, 3]), gap: z.boolean().default(false) });
const GAP_RATIO = 0.8;

/** A stored OIHW kernel as [kh, kw, in, out], and the way back. */
const kernel = ({ tensors }: CheckInput, name: string): Tensor =>
  tf.transpose(toTensor(tensors, name) as tf.Tensor4D, [2, 3, 1, 0]);
const onDisk = (w: Tensor): ArrayLike<number> => tf.transpose(w, [3, 2, 0, 1]).dataSync();

/**
 * The original gives NaN for a ternary filter that is zero (after centring, or with one input channel):
 * there ours is 0, as told by the weights themselves.
 */
const withoutNaNOfZeroFilters = (expected: Float32Array, w: Tensor): Float32Array => {
  const latent = onDisk(w);
  const perFilter = latent.length / (w.shape[3] as number);
  return expected.map((value, at) => {
    const start = Math.floor(at / perFilter) * perFilter;
    const filter = Array.from({ length: perFilter }, (_, within) => latent[start + within]);
    return Number.isNaN(value) && filter.every((weight) => weight === 0) ? 0 : value;
  });
};

const quantized = (w: Tensor, W: 2 | 3, previous: Tensor | null): Tensor => {
  if (W === 2) return quantizeBinaryWeights(w, true);
  return previous
    ? quantizeTernaryWeights(w, false, { ratio: GAP_RATIO, lastCodes: previous })
    : quantizeTernaryWeights(w, true);
};

/** Three steps of constraint, quantization, gradient and plain descent on the quantized convolutions. */
export const checkWeightSequence: Check = (input) => {
  const { fixture, tensors, findings } = input;
  const { W, gap } = weightParams.parse(fixture.params);
  const { lr, quantised } = z
    .looseObject({ lr: z.number(), quantised: z.array(z.string()) })
    .parse(fixture.params);
  for (const conv of quantised) {
    let latent = kernel(input, `init.${conv}`);
    let previous = gap ? kernel(input, `previous.${conv}`) : null;
    for (let step = 1; tensors.has(`step${step}.quant.${conv}`); step++) {
      const expect = (what: string, actual: ArrayLike<number>): void => {
        const name = `step${step}.${what}.${conv}`;
        if (tensors.has(name)) findings.close(name, actual, valuesOf(tensors, name), TOLERANCE);
      };
      latent = constrainWeights(latent);
      const q = quantized(latent, W, previous);
      expect("float", onDisk(latent));
      expect("quant", onDisk(q));
      expect("alpha", (W === 2 ? filterMagnitude(latent) : ternaryAlpha(latent)).dataSync());
      if (W === 3) expect("threshold", ternaryThreshold(latent).dataSync());
      if (gap) previous = q;
      const given = kernel(input, `step${step}.grad.${conv}`);
      const gradient = W === 2 ? binaryWeightsGradient(given, latent) : given;
      if (W === 2) expect("grad_updated", onDisk(gradient));
      latent = tf.sub(latent, tf.mul(gradient, lr));
      expect("after", onDisk(latent));
    }
  }
};

/** Single convolutions at the edges: one input channel, zero filters, ties with the threshold, zeros in the gap. */
export const checkWeightEdge: Check = (input) => {
  const { fixture, tensors, findings } = input;
  const { W, gap } = weightParams.parse(fixture.params);
  const raw = kernel(input, "w");
  const w = tensors.has("float") ? constrainWeights(raw) : raw;
  if (tensors.has("float"))
    findings.close("float", onDisk(w), valuesOf(tensors, "float"), TOLERANCE);
  const previous = gap ? kernel(input, "previous") : null;
  const q = onDisk(quantized(w, W, previous));
  // With a threshold of 0 the original's bytes wrap round and it keeps the last codes; ours are 0 there.
  const isAllZero = Array.from(onDisk(w)).every((weight) => weight === 0);
  const expected =
    gap && isAllZero
      ? new Float32Array(q.length)
      : withoutNaNOfZeroFilters(valuesOf(tensors, "quant"), w);
  findings.close("quant", q, expected, TOLERANCE);
  const more: Record<string, () => Tensor> = {
    threshold: () => ternaryThreshold(w),
    alpha: () => (W === 2 ? filterMagnitude(w) : ternaryAlpha(w)),
  };
  for (const [name, compute] of Object.entries(more)) {
    if (tensors.has(name))
      findings.close(name, compute().dataSync(), valuesOf(tensors, name), TOLERANCE);
  }
  if (tensors.has("grad_updated")) {
    const gradient = binaryWeightsGradient(kernel(input, "grad"), w);
    findings.close("grad_updated", onDisk(gradient), valuesOf(tensors, "grad_updated"), TOLERANCE);
  }
};

const STE = { ste: "identity", saturate_ste: "saturate", soft_ste: "soft" } as const;
const activationParams = z.union([
  z.looseObject({ ste: z.enum(["ste", "saturate_ste", "soft_ste"]) }),
  z.looseObject({ forward: z.literal("zero_one") }),
]);

export const checkBinaryActivation: Check = ({ fixture, tensors, findings }) => {
  const params = activationParams.parse(fixture.params);
  const activation: Activation =
    "ste" in params
      ? { kind: "sign", straightThrough: STE[params.ste as keyof typeof STE] }
      : { kind: "step", straightThrough: "saturate" };
  const x = toTensor(tensors, "x");
  findings.close("y", activate(x, activation).dataSync(), valuesOf(tensors, "y"), TOLERANCE);
  if (!tensors.has("grad_out")) return;
  const dx = activateGradient(toTensor(tensors, "grad_out"), x, activation);
  findings.close("grad_x", dx.dataSync(), valuesOf(tensors, "grad_x"), TOLERANCE);
};
