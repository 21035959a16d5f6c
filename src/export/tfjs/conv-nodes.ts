import type { ConvStep } from "./conv-step.js";
import {
  type GraphBuilder,
  type GraphNode,
  intAttribute,
  intsAttribute,
  textAttribute,
  typeAttribute,
} from "./graph.js";
import { kernelTensors, loweringOf } from "./kernel-tensors.js";
import { addPadding } from "./pool-nodes.js";

const FLOAT = typeAttribute("DT_FLOAT");
const INT = typeAttribute("DT_INT32");

type Padding = "SAME" | "VALID";

const geometry = (padding: Padding): GraphNode["attr"] => ({
  T: FLOAT,
  strides: intsAttribute([1, 1, 1, 1]),
  dilations: intsAttribute([1, 1, 1, 1]),
  padding: textAttribute(padding),
  data_format: textAttribute("NHWC"),
});

/** The padded input. At stride 1, padding by half an odd kernel on every side is TensorFlow's SAME. */
const padInput = (
  graph: GraphBuilder,
  { index, conv }: ConvStep,
  x: string,
): { readonly x: string; readonly padding: Padding } => {
  const { kernel, pad } = conv;
  if (pad > 0 && 2 * pad === kernel - 1) return { x, padding: "SAME" };
  return { x: addPadding(graph, `conv${index}/padded`, x, { pad, value: 0 }), padding: "VALID" };
};

/** A Conv2D per group of channels, with concatenated outputs. */
const addGroups = (
  graph: GraphBuilder,
  { index, conv }: ConvStep,
  input: { readonly x: string; readonly padding: Padding },
  kernels: readonly string[],
): string => {
  const { groups } = conv;
  const [split, attr] = [`conv${index}/split`, geometry(input.padding)];
  graph.add("Split", split, [graph.ints("split_axis", [3], []), input.x], {
    T: FLOAT,
    num_split: intAttribute(groups),
  });
  const outputs = kernels.map((kernel, group) =>
    // A node's name without an index refers to its first output.
    graph.add(
      "Conv2D",
      `conv${index}/group_${group}`,
      [group === 0 ? split : `${split}:${group}`, kernel],
      attr,
    ),
  );
  return graph.add(
    "ConcatV2",
    `conv${index}/conv`,
    [...outputs, graph.ints("concat_axis", [3], [])],
    {
      T: FLOAT,
      Tidx: INT,
      N: intAttribute(groups),
    },
  );
};

/** Adds the convolution of a step, without its scale and shift. */
export const addConv = (graph: GraphBuilder, step: ConvStep, x: string): string => {
  const kernels = kernelTensors(step).map(graph.constant);
  const input = padInput(graph, step, x);
  const lowering = loweringOf(step);
  if (lowering === "groups") return addGroups(graph, step, input, kernels);
  const op = lowering === "plain" ? "Conv2D" : "DepthwiseConv2dNative";
  return graph.add(op, `conv${step.index}/conv`, [input.x, ...kernels], geometry(input.padding));
};
