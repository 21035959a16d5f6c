import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { inputChannels, type NetSpec } from "../../../models/spec.js";
import { isConstrained } from "../../../quant/quantization.js";

/** The B-A-C-P order computes on signs alone. */
export const checkOrder = ({ arch, order, quantization }: NetSpec): void => {
  if (order === "norm-activation-conv" && quantization.activations.kind !== "binary") {
    throw new QpruneError(
      `${arch} needs binary activations, not ${JSON.stringify(quantization.activations)}.`,
      {
        kind: "usage",
        hint: `Add ${option("A")} 2, or choose a net of the order conv-norm-activation (nin).`,
      },
    );
  }
};

/** Weights that are centred over a single input channel are all 0, and the net could never learn. */
export const checkCentring = (spec: NetSpec): void => {
  if (!isConstrained(spec.quantization.weights)) return;
  const lone = spec.convs.findIndex(
    ({ isQuantized, groups }, at) => isQuantized && inputChannels(spec, at) === groups,
  );
  if (lone < 0) return;
  throw new QpruneError(
    `${spec.arch}: convolution ${lone} has one input channel a group; binary and ternary weights are centred over these, so all of its weights would be 0.`,
    { kind: "usage", hint: "Give it more channels or fewer groups, or isQuantized false." },
  );
};
