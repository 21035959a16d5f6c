import type { Activation } from "../tensor/ops/activation.js";
import { doReFaActivation } from "./dorefa-activation.js";
import type { ActivationQuantization } from "./quantization.js";

/** The activation that stands behind a batch norm and feeds a quantized convolution. */
export const activationOf = (quantization: ActivationQuantization): Activation => {
  switch (quantization.kind) {
    case "float":
      return { kind: "relu" };
    case "dorefa":
      return doReFaActivation({ ...quantization, afterRelu: true });
    case "binary": {
      const { values, straightThrough } = quantization;
      return { kind: values === "sign" ? "sign" : "step", straightThrough };
    }
    case "ternary":
      return { kind: "ternary", straightThrough: quantization.straightThrough };
  }
};
