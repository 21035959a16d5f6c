import { DOREFA_ACTIVATION_SCALE } from "../../graph/quantizers.js";
import type { Activation } from "../../tensor/ops/activation.js";
import { levelsOf, signedLevelsOf } from "../numbers/grids.js";

export interface DoReFaActivationOptions {
  /** 1 to 8, or 32 for no quantization. */
  readonly bits: number;
  /** Factor before the clamp. */
  readonly scale?: number;
  /** True if the input is a batch norm's output and the activation includes the net's ReLU. */
  readonly afterRelu: boolean;
  /** The upper end of a ReLU6 that the activation includes, if it includes one. */
  readonly limit?: number;
}

/**
 * DoReFa activation of k bits (DoReFa-Net, Zhou et al. 2016, section 2.4).
 *
 * Forward, with n = 2^k - 1 and u = clamp(scale x, 0, 1): q = round(u n) / n; for 1 bit q = sign(u). The factor `scale` is
 * that of the reference scripts. 32 bits do not quantize: only the ReLU remains, if there is one.
 *
 * Gradient: the rounding passes it straight through (eq. 5), so dx = scale dq [0 <= scale x <= 1], and 0 elsewhere. With
 * `afterRelu` it is also 0 for x <= 0.
 */
export const doReFaActivation = ({
  bits,
  scale = DOREFA_ACTIVATION_SCALE,
  afterRelu,
  limit,
}: DoReFaActivationOptions): Activation => {
  if (bits === 32) return { kind: afterRelu ? "relu" : "identity" };
  const clamp = { scale, afterRelu, ...(limit !== undefined && { limit }) };
  if (bits === 1) return { kind: "unitSign", ...clamp };
  return { kind: "unit", levels: levelsOf(bits), ...clamp };
};

/**
 * DoReFa activation of k >= 2 bits for inputs of either sign, which no ReLU precedes.
 *
 * Forward, with n = 2^(k - 1) - 1: q = round(clamp(scale x, -1, 1) n) / n. 32 bits do not quantize.
 *
 * Gradient: dx = scale dq [|scale x| <= 1].
 */
export const signedDoReFaActivation = (
  bits: number,
  scale: number = DOREFA_ACTIVATION_SCALE,
): Activation =>
  bits === 32 ? { kind: "identity" } : { kind: "signedUnit", levels: signedLevelsOf(bits), scale };
