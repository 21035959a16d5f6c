import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { isConstrained } from "../../../graph/quantizers.js";
import { inputChannels, type NetSpec } from "../../../models/spec.js";

/** The norm-activation-conv order supports only binary activations. */
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

/** Refuses weights that are centered over a single input channel: all of them would be 0. */
export const checkCentring = (spec: NetSpec): void => {
  if (!isConstrained(spec.quantization.weights)) return;
  const lone = spec.convs.findIndex(
    ({ isQuantized, groups }, index) => isQuantized && inputChannels(spec, index) === groups,
  );
  if (lone < 0) return;
  throw new QpruneError(
    `${spec.arch}: convolution ${lone} has one input channel per group; binary and ternary weights are centered over these, so all of its weights would be 0.`,
    { kind: "usage", hint: "Give it more channels or fewer groups, or set isQuantized to false." },
  );
};
