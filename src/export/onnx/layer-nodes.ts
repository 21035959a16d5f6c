import type { NodeOf } from "../../graph/graph.js";
import { channelsOf } from "../../graph/shape.js";
import type { WeightedNode } from "../../graph/stored-form.js";
import { channelDims, type Lowering, onlyInput, vectorOf } from "./lowering.js";

/** The value of the kernel of a layer, and that of its bias if it has one. */
const parametersOf = (node: WeightedNode, lowering: Lowering): string[] => {
  const { builder, weights, dialect } = lowering;
  const weight = weights.get(`${node.name}.weight`);
  if (!weight) throw new Error(`The model lacks ${node.name}.weight.`);
  const bias = vectorOf(lowering, node, "bias");
  const kernel = dialect.addKernel(builder, node.name, weight);
  return bias ? [kernel, builder.tensor(`${node.name}.bias`, [bias.length], bias)] : [kernel];
};

export const lowerConv = (node: NodeOf<"conv">, lowering: Lowering): string => {
  const { kernel, stride, padding, dilation, groups } = node;
  return lowering.builder.add("Conv", {
    name: lowering.nameOf(node),
    inputs: [onlyInput(lowering, node).x, ...parametersOf(node, lowering)],
    attributes: {
      dilations: dilation,
      group: groups,
      kernel_shape: kernel,
      pads: padding,
      strides: stride,
    },
  });
};

export const lowerDense = (node: NodeOf<"dense">, lowering: Lowering): string =>
  lowering.builder.add("Gemm", {
    name: lowering.nameOf(node),
    inputs: [onlyInput(lowering, node).x, ...parametersOf(node, lowering)],
    attributes: { transB: 1 },
  });

/** Gammas that are raised to a minimum are written as they compute. */
export const lowerBatchNorm = (node: NodeOf<"batchNorm">, lowering: Lowering): string => {
  const { builder } = lowering;
  const { x, shape } = onlyInput(lowering, node);
  const channels = channelsOf(shape);
  const { minGamma, epsilon, newStatWeight } = node;
  const gamma = vectorOf(lowering, node, "weight") ?? new Float32Array(channels).fill(1);
  const vectors = {
    weight: minGamma === null ? gamma : gamma.map((each) => Math.max(each, minGamma)),
    bias: vectorOf(lowering, node, "bias") ?? new Float32Array(channels),
    running_mean: vectorOf(lowering, node, "running_mean") as Float32Array,
    running_var: vectorOf(lowering, node, "running_var") as Float32Array,
  };
  const tensors = Object.entries(vectors).map(([suffix, values]) =>
    builder.tensor(`${node.name}.${suffix}`, [channels], values),
  );
  return builder.add("BatchNormalization", {
    name: lowering.nameOf(node),
    inputs: [x, ...tensors],
    attributes: { epsilon: { float: epsilon }, momentum: { float: 1 - newStatWeight } },
  });
};

/** scale x - threshold */
export const lowerAffine = (node: NodeOf<"affine">, lowering: Lowering): string => {
  const { builder } = lowering;
  const { x, shape } = onlyInput(lowering, node);
  const dims = channelDims(channelsOf(shape), shape);
  const [scale, threshold] = ["scale", "threshold"].map((suffix) =>
    builder.tensor(
      `${node.name}.${suffix}`,
      dims,
      vectorOf(lowering, node, suffix) as Float32Array,
    ),
  ) as [string, string];
  const scaled = builder.add("Mul", { name: `${node.name}/scaled`, inputs: [x, scale] });
  return builder.add("Sub", { name: lowering.nameOf(node), inputs: [scaled, threshold] });
};

export const lowerPrelu = (node: NodeOf<"prelu">, lowering: Lowering): string => {
  const { builder } = lowering;
  const { x, shape } = onlyInput(lowering, node);
  const slopes = vectorOf(lowering, node, "weight") as Float32Array;
  const slope = builder.tensor(`${node.name}.weight`, channelDims(slopes.length, shape), slopes);
  return builder.add("PRelu", { name: lowering.nameOf(node), inputs: [x, slope] });
};
