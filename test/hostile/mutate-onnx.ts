import { decodeMessage } from "../../src/formats/onnx/decode-message.js";
import { type Draft, encodeMessage } from "../../src/formats/onnx/encode-message.js";
import {
  ATTRIBUTE_TYPES,
  ELEMENT_TYPES,
  modelFields,
  type OnnxModel,
} from "../../src/formats/onnx/messages.js";
import type { Draw } from "./mutate.js";

/** A list or object of a decoded model, whose type does not matter here. */
type Editable<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer E)[]
    ? Editable<E>[]
    : T extends object
      ? { -readonly [K in keyof T]: Editable<T[K]> }
      : T;
type Model = Editable<OnnxModel>;
type Graph = NonNullable<Model["graph"]>;
type GraphNode = Graph["node"][number];

const pick = <T>(list: readonly T[], draw: Draw): T | undefined => list[draw(list.length)];

const SIDES = [
  0,
  1,
  -1,
  2,
  7,
  4096,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 40,
  2 ** 53 - 1,
  -(2 ** 53),
];
const side = (draw: Draw): number => pick(SIDES, draw) as number;

const ints = (name: string, values: number[]) => ({
  name,
  type: ATTRIBUTE_TYPES.ints,
  ints: values,
  floats: [],
});

const int64s = (name: string, values: number[]): Graph["initializer"][number] => ({
  name,
  dims: [values.length],
  dataType: ELEMENT_TYPES.int64,
  rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
  floatData: [],
  int32Data: [],
  int64Data: [],
  doubleData: [],
  uint64Data: [],
  externalData: [],
});

const float = (name: string, value: number): Graph["initializer"][number] => ({
  ...int64s(name, []),
  dims: [1],
  dataType: ELEMENT_TYPES.float,
  rawData: new Uint8Array(Float32Array.of(value).buffer),
});

/** Nodes that make a value larger, given what they read: many of them in a row are a bomb of a few bytes. */
const GROWTH: readonly ((read: string, at: number) => Omit<GraphNode, "output" | "domain">)[] = [
  (read) => ({ opType: "Concat", input: [read, read], attribute: [axis(1)] }),
  (read) => ({ opType: "Concat", input: [read, read], attribute: [axis(2)] }),
  (read) => ({ opType: "Pad", input: [read, "bomb.pads"], attribute: [] }),
  (read) => ({ opType: "Resize", input: [read, "", "bomb.scales"], attribute: [] }),
  (read) => ({ opType: "Expand", input: [read, "bomb.shape"], attribute: [] }),
  (read) => ({ opType: "Add", input: [read, read], attribute: [] }),
  (read) => ({ opType: "Relu", input: [read], attribute: [] }),
  (read) => ({ opType: "Unsqueeze", input: [read, "bomb.axis"], attribute: [] }),
  (read) => ({ opType: "Transpose", input: [read], attribute: [ints("perm", [3, 2, 1, 0])] }),
];
const axis = (i: number) => ({ name: "axis", type: ATTRIBUTE_TYPES.int, i, ints: [], floats: [] });

/** A chain of nodes that grow a value of the net, or a constant, and to which a node of the net is connected. */
const addBomb = (graph: Graph, draw: Draw): void => {
  const start = pick([...valuesOf(graph), "bomb.shape", "bomb.one"], draw) as string;
  const growth = pick(GROWTH, draw) as (typeof GROWTH)[number];
  const count = pick([1, 3, 12, 30, 300, 5000], draw) as number;
  graph.initializer.push(
    int64s("bomb.pads", [0, 0, side(draw), 0, 0, 0, 0, side(draw)]),
    int64s("bomb.shape", [side(draw), side(draw), 3, 3]),
    int64s("bomb.axis", [0]),
    float("bomb.one", 1),
    { ...float("bomb.scales", 2), dims: [1] },
  );
  const nodes = Array.from({ length: count }, (_, at) => ({
    domain: "",
    ...growth(at === 0 ? start : `bomb${at - 1}`, at),
    output: [`bomb${at}`],
  }));
  const at = draw(graph.node.length + 1);
  const reader = graph.node[at];
  if (reader) reader.input[draw(reader.input.length)] = `bomb${count - 1}`;
  graph.node.splice(at, 0, ...nodes);
};

const valuesOf = (graph: Graph): string[] => [
  ...graph.node.flatMap(({ input, output }) => [...input, ...output]),
  ...graph.initializer.map(({ name = "" }) => name),
];

const opsOf = (graph: Graph): string[] => graph.node.flatMap(({ opType }) => opType ?? []);

/** Other operators, which the file does not have. */
const OPS = [
  "ConstantOfShape",
  "Range",
  "Tile",
  "Expand",
  "Loop",
  "If",
  "Gather",
  "Slice",
  "Where",
];

const CHANGES: readonly ((graph: Graph, draw: Draw) => void)[] = [
  // A cycle, or a value of another shape.
  (graph, draw) => {
    const node = pick(graph.node, draw);
    if (node) node.input[draw(node.input.length)] = pick(valuesOf(graph), draw) ?? "";
  },
  (graph, draw) => {
    const node = pick(graph.node, draw);
    if (node) node.output[draw(node.output.length)] = pick(valuesOf(graph), draw) ?? "";
  },
  (graph, draw) => {
    const node = pick(graph.node, draw);
    if (node) node.opType = pick([...opsOf(graph), ...OPS], draw) as string;
  },
  (graph, draw) => {
    if (draw(2) === 0) graph.node.reverse();
    else graph.node.splice(draw(graph.node.length), 1);
  },
  addBomb,
  (graph, draw) => {
    const tensor = pick(graph.initializer, draw);
    if (!tensor) return;
    if (draw(3) === 0) tensor.dims = Array.from({ length: draw(20) }, () => side(draw));
    else tensor.dims[draw(tensor.dims.length)] = side(draw);
  },
  (graph, draw) => {
    const tensor = pick(graph.initializer, draw);
    if (tensor) tensor.dataType = pick(Object.values(ELEMENT_TYPES), draw) as number;
  },
  (graph, draw) => {
    const tensor = pick(graph.initializer, draw);
    if (tensor) tensor.dims.reverse();
  },
  (graph, draw) => {
    graph.initializer.splice(draw(graph.initializer.length), 1);
  },
  (graph, draw) => {
    const tensor = pick(graph.initializer, draw);
    if (!tensor?.rawData) return;
    const fill = pick([0, 0x7f, 0xff], draw) as number;
    tensor.rawData = new Uint8Array(tensor.rawData.length).fill(fill);
  },
  (graph, draw) => {
    const attribute = pick(
      graph.node.flatMap((node) => node.attribute),
      draw,
    );
    if (!attribute) return;
    if (attribute.i !== undefined) attribute.i = side(draw);
    else if (draw(4) === 0) attribute.ints = Array.from({ length: 10_000 }, () => side(draw));
    else attribute.ints[draw(attribute.ints.length)] = side(draw);
  },
  (graph, draw) => {
    const node = pick(graph.node, draw);
    node?.attribute.splice(draw(node.attribute.length), 1);
  },
  (graph, draw) => {
    const dim = pick(graph.input[0]?.type?.tensor?.shape?.dim ?? [], draw);
    if (dim) dim.value = side(draw);
  },
];

/** Fields that readers skip: groups within groups, whose tags of two bytes start or end field 100. */
const deepField = (draw: Draw): Uint8Array => {
  const levels = pick([50, 5000, 100_000], draw) as number;
  const starts = Buffer.alloc(2 * levels, Buffer.from([0xa3, 0x06]));
  const ends = Buffer.alloc(2 * levels, Buffer.from([0xa4, 0x06]));
  return draw(2) === 0 ? starts : Buffer.concat([starts, ends]);
};

/** An ONNX file with one to four changes of its net: cycles, impossible shapes, other operators, values that grow. */
export const mutateOnnx = (bytes: Buffer, draw: Draw): Buffer => {
  const model = structuredClone(decodeMessage(bytes, modelFields)) as Model;
  for (let left = 1 + draw(4); left > 0 && model.graph; left--)
    (CHANGES[draw(CHANGES.length)] as (typeof CHANGES)[number])(model.graph, draw);
  const chunks = encodeMessage(model as Draft<OnnxModel>, modelFields);
  return Buffer.concat(draw(10) === 0 ? [...chunks, deepField(draw)] : chunks);
};
