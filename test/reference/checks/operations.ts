import { z } from "zod";
import { DEFAULT_LR_DROPS } from "../../../src/options/groups/training-options.js";
import { doReFaActivation } from "../../../src/quant/activations/dorefa-activation.js";
import { levelsOf } from "../../../src/quant/numbers/grids.js";
import {
  doReFaWeightsGradient,
  quantizeDoReFaWeights,
} from "../../../src/quant/tensors/dorefa-weights.js";
import { roundToLevels } from "../../../src/quant/tensors/round-to-levels.js";
import { activate, activateGradient } from "../../../src/tensor/ops/activation.js";
import { channelShuffle } from "../../../src/tensor/ops/channel-shuffle.js";
import { tf } from "../../../src/tensor/tf.js";
import { learningRateAt } from "../../../src/train/schedules/learning-rate.js";
import { toNhwc, toTensor, valuesOf } from "../compare.js";
import type { Check } from "./check.js";

/** Single operations agree to a millionth of the largest value of a tensor. */
const TOLERANCE = 1e-6;

const bitsParam = z.object({ bits: z.int() });

/** DoReFa weights; where the original divides 0 by 0 the product gives +1/n with gradient 0 (1 bit: 0, passed on). */
export const checkDoReFaWeight: Check = ({ fixture, tensors, findings }) => {
  const { bits } = bitsParam.parse(fixture.params);
  const [w, dq] = [toTensor(tensors, "w"), toTensor(tensors, "grad_out")];
  const q = quantizeDoReFaWeights(w, bits).dataSync();
  const dw = doReFaWeightsGradient(dq, w, bits).dataSync();
  const isAllZero = valuesOf(tensors, "w").every((value) => value === 0);
  if (isAllZero && bits !== 32) {
    const value = bits === 1 ? 0 : 1 / levelsOf(bits);
    findings.close("q", q, new Float32Array(q.length).fill(value), TOLERANCE);
    const expected = bits === 1 ? valuesOf(tensors, "grad_out") : new Float32Array(q.length);
    findings.close("grad_w", dw, expected, TOLERANCE);
    return;
  }
  findings.close("q", q, valuesOf(tensors, "q"), TOLERANCE);
  findings.close("grad_w", dw, valuesOf(tensors, "grad_w"), TOLERANCE);
};

/** The rounding alone; its gradient is the identity. */
export const checkUniformQuantize: Check = ({ fixture, tensors, findings }) => {
  const { bits } = bitsParam.parse(fixture.params);
  const y = roundToLevels(toTensor(tensors, "x"), bits).dataSync();
  findings.close("y", y, valuesOf(tensors, "y"), TOLERANCE);
  findings.close("grad_x", valuesOf(tensors, "grad_out"), valuesOf(tensors, "grad_x"), TOLERANCE);
};

export const checkDoReFaActivation: Check = ({ fixture, tensors, findings }) => {
  const activation = doReFaActivation({ ...bitsParam.parse(fixture.params), afterRelu: false });
  const x = toTensor(tensors, "x");
  const y = activate(x, activation).dataSync();
  const dx = activateGradient(toTensor(tensors, "grad_out"), x, activation).dataSync();
  findings.close("y", y, valuesOf(tensors, "y"), TOLERANCE);
  findings.close("grad_x", dx, valuesOf(tensors, "grad_x"), TOLERANCE);
};

export const checkChannelShuffle: Check = ({ tensors, findings }) => {
  const x = toNhwc(tensors, "x");
  for (const name of tensors.keys()) {
    const groups = /^y(\d+)$/.exec(name)?.[1];
    if (groups === undefined) continue;
    const y = tf.transpose(channelShuffle(x, Number(groups)), [0, 3, 1, 2]).dataSync();
    findings.close(name, y, valuesOf(tensors, name), 0);
  }
};

const scheduleParams = z.object({ lr: z.number() });
const scheduleScalars = z.object({
  lr_at_epoch: z.record(z.string(), z.record(z.string(), z.number())),
});

export const checkLrSchedule: Check = ({ fixture, findings }) => {
  const { lr } = scheduleParams.parse(fixture.params);
  const { lr_at_epoch: byFamily } = scheduleScalars.parse(fixture.scalars);
  for (const [family, byEpoch] of Object.entries(byFamily))
    for (const [epoch, expected] of Object.entries(byEpoch)) {
      const rate = learningRateAt(Number(epoch), lr, DEFAULT_LR_DROPS);
      findings.claim(
        `${family}, epoch ${epoch}: ${rate} instead of ${expected}`,
        rate === expected,
      );
    }
};
