import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { nodesInGraph, parametersOf } from "../../../graph/graph.js";
import { isConstrained } from "../../../graph/quantizers.js";
import { isWeighted } from "../../../graph/stored-form.js";
import type { ChainSpec } from "../../../models/chains/chain-spec.js";
import { graphOf, isChain, type NetSpec } from "../../../models/net-spec.js";

/** The norm-activation-conv order supports only binary activations. */
export const checkOrder = ({ arch, order, quantization }: ChainSpec): void => {
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

const CHAIN_HINT = "Give it more channels or fewer groups, or set isQuantized to false.";
const GRAPH_HINT = "Quantize depthwise convolutions with DoReFa.";

/** Refuses weights that are centered over a single input channel: all of them would be 0. */
export const checkCentring = (spec: NetSpec): void => {
  const layers = nodesInGraph(graphOf(spec)).filter(({ node }) => isWeighted(node));
  const lone = layers.findIndex((placed) => {
    const { node } = placed;
    if (!isWeighted(node) || !isConstrained(node.quantizer)) return false;
    const [, inputsPerGroup] = parametersOf(placed)[0]?.shape ?? [];
    return inputsPerGroup === 1;
  });
  if (lone < 0) return;
  // The layers of a chain have no names that its user chose.
  const name = isChain(spec) ? lone : layers[lone]?.node.name;
  throw new QpruneError(
    `${spec.arch}: convolution ${name} has one input channel per group; binary and ternary weights are centered over these, so all of its weights would be 0.`,
    { kind: "usage", hint: isChain(spec) ? CHAIN_HINT : GRAPH_HINT },
  );
};
