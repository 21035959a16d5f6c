import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { readModel } from "../../checkpoint/read-model.js";
import { modelState } from "../../checkpoint/tensors/model-state.js";
import type { Node } from "../../graph/graph.js";
import type { Model, WeightValue } from "../../graph/model.js";
import { isAffine } from "../../graph/quantizers.js";
import { isWeighted } from "../../graph/stored-form.js";
import { graphOf, isChain, specOfGraph } from "../../models/net-spec.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";

/** A model whose quantized weights are latent ones of the same values, and whose fixed ranges can be trained. */
const latentModel = ({ graph, weights: before }: Model): Model => {
  const weights = new Map<string, WeightValue>(
    [...before].map(([name, value]) => [
      name,
      { kind: "float", shape: value.shape, values: weightNumbers(value) },
    ]),
  );
  const nodes = graph.nodes.map((node): Node => {
    if (isWeighted(node)) return { ...node, stored: "latent" };
    if (node.kind !== "quantize" || node.quantizer.kind !== "affine") return node;
    const { range, bits } = node.quantizer;
    if (range.kind !== "fixed") return node;
    const { scale, zero } = range;
    const values = Float32Array.of(-zero * scale, (2 ** bits - 1 - zero) * scale);
    weights.set(`${node.name}.range`, { kind: "float", shape: [2], values });
    return { ...node, quantizer: { ...node.quantizer, range: { kind: "moving-average" } } };
  });
  return { graph: { ...graph, nodes }, weights };
};

/**
 * The file of a net that was quantized after training, or merged, with affine quantizers, as one that can be trained further
 * (quantization-aware fine-tuning): its quantized weights become latent ones, and its ranges start from those of the file. Any other file stays as
 * it is.
 */
export const withLatentWeights = (file: Checkpoint): Checkpoint => {
  const { manifest } = file;
  if (!manifest || isChain(manifest.spec) || !isAffine(manifest.spec.quantization)) return file;
  const { spec } = manifest;
  if (spec.form !== "merged") return file;
  const model = latentModel(readModel(file, graphOf(spec)));
  const { arch, quantization } = spec;
  const trainable = specOfGraph({ arch, quantization, form: "trainable", graph: model.graph });
  const { packing: _, quantized: __, ...rest } = file;
  return {
    ...rest,
    manifest: { ...manifest, spec: trainable },
    state: modelState(model),
  } as Checkpoint;
};
