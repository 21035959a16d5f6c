import { FUSED_FUNCTIONS, PADDINGS } from "../../formats/tflite/schema.js";
import { tensorValues } from "../tfjs/model-files/weight-tensor.js";
import type { GraphNode } from "../tfjs/tf-graph.js";
import { flagOf, intsOf, textOf } from "./attributes.js";
import type { TfliteGraphDraft } from "./graph-draft.js";
import type { FusedLayer } from "./layers.js";
import { slidSides } from "./op-shapes.js";

/** The weights of a layer [outer, filters, inner] times factors of the filters, with the filters first or last. */
const scaled = (
  values: Float32Array,
  factors: readonly number[] | undefined,
  filterOf: (index: number) => number,
): Float32Array =>
  factors ? values.map((value, index) => value * (factors[filterOf(index)] as number)) : values;

/** Kernels [rows, columns, inputs, filters] or [inputs, filters] with the filters first. */
const filtersFirst = (values: Float32Array, filters: number): Float32Array => {
  const rest = values.length / filters;
  const turned = new Float32Array(values.length);
  for (let place = 0; place < rest; place++)
    for (let filter = 0; filter < filters; filter++)
      turned[filter * rest + place] = values[place * filters + filter] as number;
  return turned;
};

const pairOf = (node: GraphNode, attribute: string): readonly [number, number] => {
  const [, rows = 1, columns = 1] = intsOf(node, attribute);
  return [rows, columns];
};

/** The window of a convolution or pool as options, and the rows and columns after it. */
export const windowOf = (
  node: GraphNode,
  shape: readonly number[],
  kernel: readonly [number, number],
) => {
  const isSame = textOf(node, "padding") === "SAME";
  const stride = pairOf(node, "strides");
  const dilation = pairOf(node, "dilations");
  return {
    sides: slidSides(shape, { kernel, stride, dilation, isSame }),
    options: {
      padding: PADDINGS.indexOf(isSame ? "same" : "valid"),
      strideRows: stride[0],
      strideColumns: stride[1],
    },
    dilations: { dilationRows: dilation[0], dilationColumns: dilation[1] },
  };
};

/** The shape and numbers of a layer's weights as the operator reads them. */
const weightsOf = (draft: TfliteGraphDraft, { node, scale }: FusedLayer) => {
  const tensor = draft.constant(node.input[1] as string);
  const values = Float32Array.from(tensorValues(tensor));
  const factors = scale === undefined ? undefined : draft.numbers(scale);
  const { shape } = tensor;
  if (node.op === "DepthwiseConv2dNative") {
    const [rows = 1, columns = 1, inputs = 1, multiplier = 1] = shape;
    const filters = inputs * multiplier;
    const all = scaled(values, factors, (index) => index % filters);
    return { shape: [1, rows, columns, filters], values: all, filters, multiplier };
  }
  const filters = shape.at(-1) as number;
  const rest = values.length / filters;
  const all = scaled(filtersFirst(values, filters), factors, (index) => Math.floor(index / rest));
  return { shape: [filters, ...shape.slice(0, -1)], values: all, filters, multiplier: 1 };
};

/** Adds a layer with its scale, shift and ReLU as one operator. */
export const lowerLayer = (draft: TfliteGraphDraft, layer: FusedLayer): void => {
  const { node, shift, output } = layer;
  const [x = ""] = node.input;
  const { shape, values, filters, multiplier } = weightsOf(draft, layer);
  const bias =
    shift === undefined ? new Float32Array(filters) : Float32Array.from(draft.numbers(shift));
  const inputs = [
    draft.indexOf(x),
    draft.floats(`${node.name}/weights`, shape, values),
    draft.floats(`${node.name}/bias`, [filters], bias),
  ];
  const fused = FUSED_FUNCTIONS.indexOf(layer.function);
  const given = draft.shapeOf(x);
  if (node.op === "MatMul") {
    if (flagOf(node, "transpose_a") || flagOf(node, "transpose_b"))
      throw new Error(`${node.name} transposes its inputs`);
    const outputs = [{ name: output, shape: [given[0] ?? 1, filters] }];
    draft.add("FULLY_CONNECTED", { inputs, outputs, options: { fused } });
    return;
  }
  const kernel = [shape[1] as number, shape[2] as number] as const;
  const { sides, options, dilations } = windowOf(node, given, kernel);
  const outputs = [{ name: output, shape: [given[0] ?? 1, ...sides, filters] }];
  const all = { ...options, ...dilations, fused };
  if (node.op === "Conv2D") draft.add("CONV_2D", { inputs, outputs, options: all });
  else draft.add("DEPTHWISE_CONV_2D", { inputs, outputs, options: { ...all, multiplier } });
};
