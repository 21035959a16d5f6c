import type { ActivationQuantization } from "../../graph/quantizers.js";
import type { Activation } from "../../tensor/ops/activation.js";
import { levelsOf } from "../numbers/grids.js";
import { doReFaActivation, signedDoReFaActivation } from "./dorefa-activation.js";

/**
 * The activation that follows a batch norm and quantizes the input of the next convolution.
 *
 * - float: a plain ReLU.
 * - dorefa: see {@link doReFaActivation}, with the ReLU before it; signed {@link signedDoReFaActivation}, without one.
 * - binary: sign(x) in {-1, 0, 1} with sign(0) = 0, or the step [x > 0] in {0, 1} (BNN, Courbariaux et al. 2016, eq. 1).
 * - ternary: sign(x) where |x| > 0.5, otherwise 0.
 * - affine: see the activation of this name; a ReLU before it is a node of its own.
 *
 * The gradient of binary and ternary activations is dq times the derivative of a surrogate, by `straightThrough`:
 * 1 (`identity`), [|x| < 1] (`saturate`, BNN, eq. 4) or max(0, 1 - |x|) (`soft`, after Bi-Real Net, Liu et al. 2018).
 */
export const activationOf = (quantization: ActivationQuantization): Activation => {
  switch (quantization.kind) {
    case "float":
      return { kind: "relu" };
    case "dorefa": {
      const { bits, scale, isSigned } = quantization;
      return isSigned
        ? signedDoReFaActivation(bits, scale)
        : doReFaActivation({ bits, scale, afterRelu: true });
    }
    case "binary": {
      const { values, straightThrough } = quantization;
      return { kind: values === "sign" ? "sign" : "step", straightThrough };
    }
    case "ternary":
      return { kind: "ternary", straightThrough: quantization.straightThrough };
    case "affine": {
      const { bits, range } = quantization;
      if (range.kind !== "fixed") throw new Error("A trained range has a layer of its own.");
      return { kind: "affine", levels: levelsOf(bits), scale: range.scale, zero: range.zero };
    }
  }
};

/** A quantizer of activations by itself, without a ReLU before it; float changes nothing. */
export const quantizerActivation = (quantization: ActivationQuantization): Activation => {
  if (quantization.kind === "float") return { kind: "identity" };
  return quantization.kind === "dorefa" && !quantization.isSigned
    ? doReFaActivation({ ...quantization, afterRelu: false })
    : activationOf(quantization);
};
