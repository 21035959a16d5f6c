import { FUSED_FUNCTIONS } from "../../formats/tflite/schema.js";
import type { GraphNode, TfGraph } from "../tfjs/tf-graph.js";
import { flagOf, floatOf, intOf, intsOf, sidesOf } from "./attributes.js";
import { createTfliteDraft, type TfliteGraphDraft } from "./graph-draft.js";
import { fuseLayers } from "./layers.js";
import { lowerLayer, windowOf } from "./lower-layers.js";
import { broadcast, reshapedTo } from "./op-shapes.js";

/** Adds the operators of a node of TensorFlow. */
type Lower = (node: GraphNode, draft: TfliteGraphDraft) => void;

const input = ({ input: inputs }: GraphNode, index: number): string => inputs[index] as string;

/** An operator whose output has the shape of its first input. */
const elementwise =
  (op: string, options: (node: GraphNode) => Record<string, number> = () => ({})): Lower =>
  (node, draft) =>
    draft.add(op, {
      inputs: node.input.map(draft.indexOf),
      outputs: [{ name: node.name, shape: draft.shapeOf(input(node, 0)) }],
      options: options(node),
    });

const NO_FUNCTION = { fused: FUSED_FUNCTIONS.indexOf("none") };

const combined =
  (op: string, type: "float32" | "bool" = "float32"): Lower =>
  (node, draft) => {
    const [one, other] = [input(node, 0), input(node, 1)];
    draft.add(op, {
      inputs: [draft.indexOf(one), draft.indexOf(other)],
      outputs: [
        { name: node.name, shape: broadcast(draft.shapeOf(one), draft.shapeOf(other)), type },
      ],
      options: NO_FUNCTION,
    });
  };

const clip: Lower = (node, draft) => {
  const [x, least, most] = [0, 1, 2].map((index) => draft.indexOf(input(node, index))) as [
    number,
    number,
    number,
  ];
  const shape = draft.shapeOf(input(node, 0));
  const above = `${node.name}/above`;
  draft.add("MAXIMUM", { inputs: [x, least], outputs: [{ name: above, shape }] });
  draft.add("MINIMUM", {
    inputs: [draft.indexOf(above), most],
    outputs: [{ name: node.name, shape }],
  });
};

const pool =
  (op: string): Lower =>
  (node, draft) => {
    const shape = draft.shapeOf(input(node, 0));
    const [, rows = 1, columns = 1] = intsOf(node, "ksize");
    const { sides, options } = windowOf(node, shape, [rows, columns]);
    draft.add(op, {
      inputs: [draft.indexOf(input(node, 0))],
      outputs: [{ name: node.name, shape: [shape[0] ?? 1, ...sides, shape[3] ?? 1] }],
      options: { ...options, rows, columns, ...NO_FUNCTION },
    });
  };

const reduction =
  (op: string): Lower =>
  (node, draft) => {
    const shape = draft.shapeOf(input(node, 0));
    const axes = draft.numbers(input(node, 1));
    const keeps = flagOf(node, "keep_dims");
    const left = shape.flatMap((side, axis) => (axes.includes(axis) ? (keeps ? [1] : []) : [side]));
    draft.add(op, {
      inputs: node.input.map(draft.indexOf),
      outputs: [{ name: node.name, shape: left }],
      options: { keep_dims: Number(keeps) },
    });
  };

const reshape: Lower = (node, draft) => {
  const wanted = draft.numbers(input(node, 1));
  draft.add("RESHAPE", {
    inputs: node.input.map(draft.indexOf),
    outputs: [{ name: node.name, shape: reshapedTo(draft.shapeOf(input(node, 0)), wanted) }],
    options: { shape: wanted },
  });
};

const transpose: Lower = (node, draft) => {
  const shape = draft.shapeOf(input(node, 0));
  const order = draft.numbers(input(node, 1));
  draft.add("TRANSPOSE", {
    inputs: node.input.map(draft.indexOf),
    outputs: [{ name: node.name, shape: order.map((axis) => shape[axis] as number) }],
  });
};

const pad: Lower = (node, draft) => {
  const borders = draft.numbers(input(node, 1));
  const shape = draft
    .shapeOf(input(node, 0))
    .map((side, axis) => side + (borders[2 * axis] ?? 0) + (borders[2 * axis + 1] ?? 0));
  draft.add("PADV2", {
    inputs: node.input.map(draft.indexOf),
    outputs: [{ name: node.name, shape }],
  });
};

const concat: Lower = (node, draft) => {
  const values = node.input.slice(0, -1);
  const [axis = 0] = draft.numbers(node.input.at(-1) as string);
  const shapes = values.map(draft.shapeOf);
  const total = shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
  draft.add("CONCATENATION", {
    inputs: values.map(draft.indexOf),
    outputs: [{ name: node.name, shape: (shapes[0] ?? []).with(axis, total) }],
    options: { axis, ...NO_FUNCTION },
  });
};

/** The outputs of a split, of which the first has the name of the node. */
const partsOf = (
  { name }: GraphNode,
  shape: readonly number[],
  axis: number,
  sizes: readonly number[],
) =>
  sizes.map((size, index) => ({
    name: index === 0 ? name : `${name}:${index}`,
    shape: shape.with(axis, size),
  }));

const split: Lower = (node, draft) => {
  const [axis = 0] = draft.numbers(input(node, 0));
  const shape = draft.shapeOf(input(node, 1));
  const count = intOf(node, "num_split");
  const sizes = new Array<number>(count).fill((shape[axis] ?? 0) / count);
  draft.add("SPLIT", {
    inputs: node.input.map(draft.indexOf),
    outputs: partsOf(node, shape, axis, sizes),
    options: { num_split: count },
  });
};

const splitV: Lower = (node, draft) => {
  const [axis = 0] = draft.numbers(input(node, 2));
  const sizes = draft.numbers(input(node, 1));
  draft.add("SPLIT_V", {
    inputs: node.input.map(draft.indexOf),
    outputs: partsOf(node, draft.shapeOf(input(node, 0)), axis, sizes),
    options: { num_split: sizes.length },
  });
};

const MASKS = ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"];

/** Slices of whole axes in steps, which are all that is written. */
const stridedSlice: Lower = (node, draft) => {
  const steps = draft.numbers(input(node, 3));
  const shape = draft
    .shapeOf(input(node, 0))
    .map((side, axis) => Math.ceil(side / (steps[axis] ?? 1)));
  draft.add("STRIDED_SLICE", {
    inputs: node.input.map(draft.indexOf),
    outputs: [{ name: node.name, shape }],
    options: Object.fromEntries(MASKS.map((mask) => [mask, intOf(node, mask)])),
  });
};

const resize =
  (op: string): Lower =>
  (node, draft) => {
    const [height = 1, width = 1] = draft.numbers(input(node, 1));
    const [images = 1, , , channels = 1] = draft.shapeOf(input(node, 0));
    draft.add(op, {
      inputs: node.input.map(draft.indexOf),
      outputs: [{ name: node.name, shape: [images, height, width, channels] }],
      options: {
        align_corners: Number(flagOf(node, "align_corners")),
        half_pixel_centers: Number(flagOf(node, "half_pixel_centers")),
      },
    });
  };

const depthToSpace: Lower = (node, draft) => {
  const block = intOf(node, "block_size");
  const [images = 1, height = 1, width = 1, channels = 1] = draft.shapeOf(input(node, 0));
  const shape = [images, height * block, width * block, channels / block ** 2];
  draft.add("DEPTH_TO_SPACE", {
    inputs: node.input.map(draft.indexOf),
    outputs: [{ name: node.name, shape }],
    options: { block },
  });
};

const LOWER: Readonly<Record<string, Lower>> = {
  Abs: elementwise("ABS"),
  AddV2: combined("ADD"),
  AvgPool: pool("AVERAGE_POOL_2D"),
  Cast: elementwise("CAST"),
  ClipByValue: clip,
  ConcatV2: concat,
  Const: () => {},
  DepthToSpace: depthToSpace,
  Greater: combined("GREATER", "bool"),
  Identity: (node, draft) => draft.alias(node.name, input(node, 0)),
  LeakyRelu: elementwise("LEAKY_RELU", (node) => ({ alpha: floatOf(node, "alpha") })),
  Max: reduction("REDUCE_MAX"),
  MaxPool: pool("MAX_POOL_2D"),
  Maximum: combined("MAXIMUM"),
  Mean: reduction("MEAN"),
  Minimum: combined("MINIMUM"),
  Mul: combined("MUL"),
  PadV2: pad,
  Placeholder: (node, draft) => draft.input(node.name, sidesOf(node)),
  RealDiv: combined("DIV"),
  Relu: elementwise("RELU"),
  Relu6: elementwise("RELU6"),
  Reshape: reshape,
  ResizeBilinear: resize("RESIZE_BILINEAR"),
  ResizeNearestNeighbor: resize("RESIZE_NEAREST_NEIGHBOR"),
  Round: elementwise("ROUND"),
  Sigmoid: elementwise("LOGISTIC"),
  Sign: elementwise("SIGN"),
  Softmax: elementwise("SOFTMAX", () => ({ beta: 1 })),
  Split: split,
  SplitV: splitV,
  StridedSlice: stridedSlice,
  Sub: combined("SUB"),
  Transpose: transpose,
};

/** The operators of LiteRT for a graph of TensorFlow as qprune writes it. */
export const lowerTfGraph = (graph: TfGraph): TfliteGraphDraft => {
  const draft = createTfliteDraft(graph.weights);
  const { byNode, parts } = fuseLayers(graph);
  for (const node of graph.nodes) {
    const layer = byNode.get(node.name);
    if (layer) lowerLayer(draft, layer);
    else if (!parts.has(node.name)) {
      const lower = LOWER[node.op];
      if (!lower) throw new Error(`${node.op} has no counterpart in LiteRT`);
      lower(node, draft);
    }
  }
  return draft;
};
