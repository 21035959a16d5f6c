import type { PoolGeometry } from "../../tensor/ops/pool.js";
import {
  flagAttribute,
  type GraphBuilder,
  type GraphNode,
  intsAttribute,
  textAttribute,
  typeAttribute,
} from "./graph.js";

const FLOAT = typeAttribute("DT_FLOAT");

/** Pads the output of node `x` with rows and columns of a constant value. */
export const addPadding = (
  graph: GraphBuilder,
  name: string,
  x: string,
  { pad, value }: { readonly pad: number; readonly value: number },
): string => {
  if (pad === 0) return x;
  const sides = graph.ints(`pad_${pad}`, [0, 0, pad, pad, pad, pad, 0, 0], [4, 2]);
  const attr = { T: FLOAT, Tpaddings: typeAttribute("DT_INT32") };
  return graph.add("PadV2", name, [x, sides, graph.scalar(value)], attr);
};

const window = ({ size, stride }: PoolGeometry): GraphNode["attr"] => ({
  T: FLOAT,
  ksize: intsAttribute([1, size, size, 1]),
  strides: intsAttribute([1, stride, stride, 1]),
  padding: textAttribute("VALID"),
  data_format: textAttribute("NHWC"),
});

/**
 * Adds a pool with symmetric padding. TensorFlow's own padding is not symmetric, so a separate node pads first.
 * Averages count the padding as 0; maxima are padded with the smallest possible value of the input.
 */
export const addPool = (
  graph: GraphBuilder,
  name: string,
  x: string,
  pool: PoolGeometry & { readonly kind: "max" | "average"; readonly least: number },
): string => {
  const value = pool.kind === "max" ? pool.least : 0;
  const padded = addPadding(graph, `${name}/padded`, x, { pad: pool.pad, value });
  return graph.add(pool.kind === "max" ? "MaxPool" : "AvgPool", name, [padded], window(pool));
};

/** Adds the mean over height and width: [n, h, w, c] -> [n, c]. */
export const addGlobalAverage = (graph: GraphBuilder, name: string, x: string): string =>
  graph.add("Mean", name, [x, graph.ints("map_axes", [1, 2])], {
    T: FLOAT,
    Tidx: typeAttribute("DT_INT32"),
    keep_dims: flagAttribute(false),
  });
