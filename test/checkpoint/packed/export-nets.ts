import { modelState } from "../../../src/checkpoint/tensors/model-state.js";
import type { StateDict } from "../../../src/checkpoint/tensors/net-state.js";
import { CIFAR } from "../../../src/data/cifar/cifar.js";
import type { ExportNet } from "../../../src/export/export-net.js";
import type { ActivationQuantization, WeightQuantization } from "../../../src/graph/quantizers.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";
import type { NetWeights } from "../../../src/models/chains/conv-weights.js";
import { specFromDescription } from "../../../src/models/chains/descriptions/chain-from-description.js";
import { bakedChain, mergedChain } from "../../models/chain-model.js";
import { binaryActivations } from "../../models/quantizations.js";
import { randomWeights } from "../../models/random-weights.js";

export interface SmallNetOptions {
  readonly weights: WeightQuantization;
  readonly activations?: ActivationQuantization;
  readonly order?: ChainSpec["order"];
}

/** A net of five convolutions with groups, a shuffle and a pool, for images of 8x8. */
export const smallSpec = ({ weights, activations, order }: SmallNetOptions): ChainSpec =>
  specFromDescription({
    description: {
      name: "small",
      order: order ?? "conv-norm-activation",
      convs: [
        { width: 12, kernel: 3 },
        { width: 9, kernel: 1, groups: 3 },
        { width: 18, kernel: 3, shuffle: 3, pool: { kind: "max", size: 2 } },
        { width: 6, kernel: 1, groups: 2, shuffle: 2 },
        { kernel: 1 },
      ],
    },
    classes: 4,
    input: { channels: 3, height: 8, width: 8 },
    sequence: "dorefa",
    quantization: { weights, activations: activations ?? binaryActivations },
  });

const ABOUT = { dataSet: CIFAR.cifar10.info, accuracy: 12.5, epoch: 3 };

/** A net for exporting that is a chain. */
export type ExportedChain = ExportNet & { readonly spec: ChainSpec };

/** A net for exporting, baked or merged on the running engine. */
export const exportNet = (
  spec: ChainSpec,
  form: "baked" | "merged",
  weights: NetWeights = randomWeights(spec, 5),
): ExportedChain => ({
  ...ABOUT,
  ...(form === "baked" ? bakedChain(spec, weights) : mergedChain(spec, weights)),
});

export const denseOf = ({ model }: ExportNet): StateDict => modelState(model);
