import { addActivation, leastValue } from "./activation-nodes.js";
import { addConv } from "./conv-nodes.js";
import type { ConvStep, ScaleShift } from "./conv-step.js";
import { createGraph, type Graph, type GraphBuilder, graphShape, typeAttribute } from "./graph.js";
import { addGlobalAverage, addPool } from "./pool-nodes.js";

/** The graph's input: float32 [n, height, width, channels]. */
export const INPUT_NAME = "images";
/** The graph's output: float32 [n, classes]. */
export const OUTPUT_NAME = "logits";

const FLOAT = typeAttribute("DT_FLOAT");
const INT = typeAttribute("DT_INT32");

const vector = (graph: GraphBuilder, name: string, values: Float32Array): string =>
  graph.constant({ name, shape: [values.length], kind: "float32", values });

const addScaleShift = (
  graph: GraphBuilder,
  name: string,
  x: string,
  { scale, shift }: ScaleShift,
): string => {
  const scaled = scale
    ? graph.add("Mul", `${name}/scaled`, [x, vector(graph, `${name}/scale`, scale)])
    : x;
  return graph.add("AddV2", `${name}/shifted`, [scaled, vector(graph, `${name}/shift`, shift)]);
};

/** Channel shuffle (tensor/ops/channel-shuffle.ts): transposes the channels as [groups, c / groups]. */
const addShuffle = (graph: GraphBuilder, step: ConvStep, x: string): string => {
  const { index, inputs, height, width } = step;
  const groups = step.conv.shuffle;
  if (groups === 1) return x;
  const { add, ints } = graph;
  const reshape = { T: FLOAT, Tshape: INT };
  const parts = ints(`channels_${groups}x${inputs / groups}`, [-1, groups, inputs / groups]);
  const maps = ints(`maps_${height}x${width}x${inputs}`, [-1, height, width, inputs]);
  const grouped = add("Reshape", `conv${index}/shuffle/parts`, [x, parts], reshape);
  const swap = ints("swap_parts", [0, 2, 1]);
  const swapped = add("Transpose", `conv${index}/shuffle/swapped`, [grouped, swap], {
    T: FLOAT,
    Tperm: INT,
  });
  return add("Reshape", `conv${index}/shuffle/maps`, [swapped, maps], reshape);
};

const addStep = (graph: GraphBuilder, x: string, step: ConvStep): string => {
  const { index, input, conv, activation } = step;
  const name = `conv${index}`;
  const prepared = input
    ? addActivation(
        graph,
        `${name}/input/activation`,
        addScaleShift(graph, `${name}/input`, x, input),
        input.activation,
      )
    : x;
  const convolved = addConv(graph, step, addShuffle(graph, step, prepared));
  const shifted = addScaleShift(graph, name, convolved, step.output);
  const active = addActivation(graph, `${name}/activation`, shifted, activation);
  if (!conv.pool) return active;
  return addPool(graph, `${name}/pool`, active, { ...conv.pool, least: leastValue(activation) });
};

/** The graph of a net, from images to logits. */
export const netGraph = (steps: readonly ConvStep[]): Graph => {
  const graph = createGraph();
  const [first] = steps;
  const shape = [-1, first?.height ?? 0, first?.width ?? 0, first?.inputs ?? 0];
  graph.add("Placeholder", INPUT_NAME, [], { dtype: FLOAT, shape: { shape: graphShape(shape) } });
  const maps = steps.reduce((x, step) => addStep(graph, x, step), INPUT_NAME);
  addGlobalAverage(graph, OUTPUT_NAME, maps);
  return { nodes: graph.nodes, weights: graph.weights };
};
