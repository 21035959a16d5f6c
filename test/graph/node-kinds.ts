import type { Graph, Node, NodeKind, NodeOf } from "../../src/graph/graph.js";
import { activationFunctions } from "../../src/graph/kinds/activations.js";
import { NO_PADDING } from "../../src/graph/window.js";
import { nodesOf } from "./branched-graph.js";

/** A small net whose output is that of a node of some kind. */
export interface KindCase {
  readonly name: string;
  readonly graph: Graph;
}

type Rest<N> = N extends Node ? Omit<N, "name" | "inputs"> : never;

const IMAGE = [5, 4, 4] as const;

const graphOf = (nodes: readonly Node[], shape: readonly [number, number, number]): Graph => ({
  inputs: [{ name: "images", shape }],
  nodes,
  outputs: [{ name: "logits", value: nodes.at(-1)?.name ?? "" }],
});

/** A case of one node that reads the image. */
const single = (
  name: string,
  node: Rest<Node>,
  shape: readonly [number, number, number] = IMAGE,
): KindCase => ({
  name,
  graph: graphOf([{ name: "it", inputs: ["images"], ...node } as Node], shape),
});

const several = (name: string, ...nodes: Node[]): KindCase => ({
  name,
  graph: graphOf(nodes, IMAGE),
});

const { conv, norm, dense } = nodesOf({ hasBias: true });
const flat: Node = { name: "flat", kind: "flatten", inputs: ["images"] };

const convolutions: KindCase[] = (
  [
    ["with borders of its own", { padding: [0, 1, 2, 1] }],
    ["with strides", { stride: [2, 3], padding: [1, 1, 1, 1] }],
    ["with an even kernel and a stride", { kernel: [2, 4], stride: [2, 2], padding: [1, 0, 0, 3] }],
    ["with dilation", { dilation: [2, 1], padding: [2, 1, 2, 1] }],
    ["with a stride and dilation", { stride: [2, 1], dilation: [1, 2], padding: [1, 2, 1, 2] }],
    ["in groups with a stride", { filters: 6, groups: 2, stride: [2, 2] }],
    [
      "depthwise with two filters per channel and a stride",
      { filters: 8, groups: 4, stride: [2, 2] },
    ],
    ["depthwise with dilation", { filters: 4, groups: 4, dilation: [2, 2], padding: [2, 2, 2, 2] }],
    ["without a bias", { hasBias: false }],
  ] as [string, Partial<NodeOf<"conv">>][]
).map(([name, more]) =>
  several(`conv ${name}`, conv("it", "images", 3, { stored: "quantized", ...more })),
);

/** PyTorch rounds up only with the same padding on opposite sides. */
const poolWindow = (roundsUp: boolean) =>
  roundsUp
    ? ({ kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1], roundsUp } as const)
    : ({ kernel: [3, 2], stride: [2, 2], padding: [1, 0, 1, 1], roundsUp } as const);
const pools: KindCase[] = [false, true].flatMap((roundsUp) => {
  const rounding = roundsUp ? "rounded up" : "rounded down";
  return [
    single(`maxPool ${rounding}`, { kind: "maxPool", ...poolWindow(roundsUp) }),
    ...[false, true].map((countsPadding) =>
      single(`averagePool ${rounding}${countsPadding ? " with its padding" : ""}`, {
        kind: "averagePool",
        ...poolWindow(roundsUp),
        countsPadding,
      }),
    ),
    single(`averagePool ${rounding} without padding`, {
      kind: "averagePool",
      kernel: [2, 3],
      stride: [2, 2],
      padding: NO_PADDING,
      roundsUp,
      countsPadding: true,
    }),
  ];
});

const activations: KindCase[] = activationFunctions.map((name) =>
  single(`activation ${name}`, {
    kind: "activation",
    function: name,
    ...(name === "leakyRelu" && { slope: 0.2 }),
  }),
);

const straightThrough = "saturate";
const quantizers: KindCase[] = (
  [
    { kind: "float" },
    { kind: "dorefa", bits: 1, scale: 0.5 },
    { kind: "dorefa", bits: 3, scale: 0.9 },
    { kind: "dorefa", bits: 3, scale: 0.9, isSigned: true },
    { kind: "dorefa", bits: 32, scale: 0.9 },
    { kind: "binary", values: "sign", straightThrough },
    { kind: "binary", values: "zero-one", straightThrough },
    { kind: "ternary", straightThrough },
  ] as const
).map((quantizer) =>
  single(`quantize ${Object.values(quantizer).join(" ")}`, { kind: "quantize", quantizer }),
);

const affineQuantizers: KindCase[] = (
  [
    [8, false, 0.01, 77],
    [4, true, 0.3, 8],
    [2, false, 0.5, 0],
  ] as const
).map(([bits, isSymmetric, scale, zero]) =>
  single(`quantize affine ${bits} ${scale} ${zero}`, {
    kind: "quantize",
    quantizer: { kind: "affine", bits, isSymmetric, range: { kind: "fixed", scale, zero } },
  }),
);

const resized = { kind: "resize", alignsCorners: false } as const;
const rearrangements: KindCase[] = [
  single("pad", { kind: "pad", padding: [1, 0, 2, 3], value: 0.5 }),
  single("pad of channels", { kind: "pad", padding: [0, 1, 0, 0], channels: [1, 2], value: -1 }),
  single("shuffle", { kind: "shuffle", groups: 2 }),
  single("pixel shuffle", { kind: "pixelShuffle", factor: 2 }, [3, 5, 8]),
  single("flatten", { kind: "flatten" }),
  single("reshape of maps", { kind: "reshape", shape: [2, 10, 4] }),
  single("reshape to one channel", { kind: "reshape", shape: [8, 10, 1] }),
  several("reshape of a vector", flat, {
    name: "it",
    kind: "reshape",
    inputs: ["flat"],
    shape: [4, 4, 5],
  }),
  single("resize nearest", { ...resized, height: 9, width: 3, method: "nearest" }),
  single("resize bilinear", { ...resized, height: 9, width: 3, method: "bilinear" }),
  single("resize with aligned corners", {
    kind: "resize",
    height: 7,
    width: 2,
    method: "bilinear",
    alignsCorners: true,
  }),
  single("dropout", { kind: "dropout", rate: 0.5 }),
];

const means: Node = {
  name: "means",
  kind: "globalPool",
  inputs: ["images"],
  function: "mean",
  keepsMaps: true,
};
const split: Node = { name: "parts", kind: "split", inputs: ["images"], sizes: [1, 2, 1] };
const part = (name: string, input: string): Node => conv(name, input, 2, { stored: "quantized" });
const joins: KindCase[] = [
  several("add", part("a", "images"), part("b", "images"), part("c", "images"), {
    name: "it",
    kind: "add",
    inputs: ["a", "b", "c"],
  }),
  several("multiply", part("a", "images"), part("b", "images"), {
    name: "it",
    kind: "multiply",
    inputs: ["a", "b"],
  }),
  several("multiply by factors", means, {
    name: "it",
    kind: "multiply",
    inputs: ["images", "means"],
  }),
  several("concat", part("a", "images"), { name: "it", kind: "concat", inputs: ["images", "a"] }),
  several("concat of vectors", flat, { name: "it", kind: "concat", inputs: ["flat", "flat"] }),
  several("split", split, {
    name: "it",
    kind: "concat",
    inputs: ["parts:1", "parts:2", "parts:0"],
  }),
  several(
    "split of a vector",
    flat,
    { name: "halves", kind: "split", inputs: ["flat"], sizes: [30, 50] },
    {
      name: "it",
      kind: "concat",
      inputs: ["halves:1", "halves:0"],
    },
  ),
];

const layer = (name: string, input: string): Node => ({
  ...dense(name, input, 3),
  ...({ stored: "quantized" } as const),
});
const vectors: KindCase[] = [
  single("globalPool mean", { kind: "globalPool", function: "mean", keepsMaps: false }),
  single("globalPool max", { kind: "globalPool", function: "max", keepsMaps: true }),
  several("dense", flat, layer("it", "flat")),
  several("softmax", flat, layer("a", "flat"), { name: "it", kind: "softmax", inputs: ["a"] }),
];

const norms: KindCase[] = [
  several("batchNorm", norm("it", "images")),
  several("batchNorm without gamma", norm("it", "images", { hasAffine: false, epsilon: 0.1 })),
  several("batchNorm of a convolution", part("a", "images"), norm("it", "a")),
  several("batchNorm of a vector", flat, layer("a", "flat"), norm("it", "a")),
  several("batchNorm of a value with two consumers", part("a", "images"), norm("b", "a"), {
    name: "it",
    kind: "add",
    inputs: ["a", "b"],
  }),
  single("affine", { kind: "affine" }),
  single("prelu", { kind: "prelu", isShared: false }),
  single("prelu with one slope", { kind: "prelu", isShared: true }),
];

/** Small nets with every kind of node, and every way in which its attributes change what it computes. */
export const kindCases: readonly KindCase[] = [
  ...convolutions,
  ...pools,
  ...activations,
  ...quantizers,
  ...affineQuantizers,
  ...rearrangements,
  ...joins,
  ...vectors,
  ...norms,
];

/** The kinds of nodes that are in some graph. */
export const kindsIn = (cases: readonly KindCase[]): Set<NodeKind> =>
  new Set(cases.flatMap(({ graph }) => graph.nodes.map(({ kind }) => kind)));
