import type { Activation } from "../tensor/ops/activation.js";
import { levelsOf } from "./numbers/grids.js";
import { DOREFA_ACTIVATION_SCALE } from "./quantization.js";

export interface DoReFaActivationOptions {
  /** 1 to 8, or 32 for no quantization. */
  readonly bits: number;
  /** Factor before the clamp. */
  readonly scale?: number;
  /** True where the input is a batch norm's output and the net's ReLU belongs to the activation. */
  readonly afterRelu: boolean;
}

/**
 * DoReFa activation: q = round(clamp(scale x, 0, 1) n) / n with n = 2^bits - 1, straight through the
 * rounding (DoReFa-Net, section 2.4; the factor is the original's). 1 bit: sign(clamp(scale x, 0, 1)).
 * 32 bits: the identity, so that behind a ReLU the ReLU alone is left.
 */
export const doReFaActivation = ({
  bits,
  scale = DOREFA_ACTIVATION_SCALE,
  afterRelu,
}: DoReFaActivationOptions): Activation => {
  if (bits === 32) return { kind: afterRelu ? "relu" : "identity" };
  if (bits === 1) return { kind: "unitSign", scale, afterRelu };
  return { kind: "unit", levels: levelsOf(bits), scale, afterRelu };
};
