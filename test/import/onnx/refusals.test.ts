import { expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import type { Draft } from "../../../src/formats/onnx/encode-message.js";
import type { OnnxNode } from "../../../src/formats/onnx/messages.js";
import { parseOnnx } from "../../../src/formats/onnx/read-onnx.js";
import { importOnnx } from "../../../src/import/onnx/import-onnx.js";
import { floatTensor, netBytes } from "../../formats/onnx/onnx-file.js";

const node = (
  opType: string,
  input: string[],
  output: string,
  attribute: Draft<OnnxNode>["attribute"] = [],
): Draft<OnnxNode> => ({
  opType,
  input,
  output: [output],
  name: `/${output}/${opType}`,
  attribute,
});

const conv = node("Conv", ["images", "a.weight"], "a");
const initializer = [floatTensor("a.weight", [4, 3, 1, 1])];

const read = async (bytes: Buffer, options = {}) =>
  importOnnx(await parseOnnx(bytes, "net.onnx"), "net.onnx", options);

/** The error of an import. */
const refusal = async (bytes: Buffer, options = {}): Promise<QpruneError> => {
  const error = await read(bytes, options).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(QpruneError);
  return error as QpruneError;
};

test("an unknown node is named with its operator, what is known, and where to stop before it", async () => {
  const nodes = [
    conv,
    node("Relu", ["a"], "b"),
    node("Erf", ["b"], "c"),
    node("Erf", ["c"], "d"),
    node("GlobalAveragePool", ["d"], "e"),
    node("Flatten", ["e"], "logits"),
  ];
  const { message, hint } = await refusal(netBytes(nodes, { initializer }));
  expect(message).toBe(
    'net.onnx: node "/c/Erf" (Erf) has no counterpart in qprune\'s nets. 4 of its 6 nodes are supported. Unsupported operators: Erf (2).',
  );
  expect(hint).toMatch(/until \/b\/Relu takes the net up to there/);
  const { model } = await read(netBytes(nodes, { initializer }), { until: "/b/Relu" });
  expect(model.graph.nodes.map(({ kind }) => kind)).toEqual(["conv", "activation"]);
});

const flat = [node("GlobalAveragePool", ["a"], "b"), node("Flatten", ["b"], "logits")];

test.each([
  [
    "a convolution over other channels",
    [conv],
    [floatTensor("a.weight", [4, 5, 1, 1])],
    /needs 5 channels, but gets 3/,
  ],
  [
    "a convolution over one axis",
    [conv],
    [floatTensor("a.weight", [4, 3, 1])],
    /over 1 axes, not 2/,
  ],
  ["weights that are missing", [conv], [], /reads "a.weight", which nothing before it computes/],
  [
    "a cycle",
    [node("Add", ["images", "z"], "a"), node("Relu", ["a"], "z")],
    initializer,
    /reads "z"/,
  ],
  ["another domain", [{ ...conv, domain: "com.microsoft" }], initializer, /com\.microsoft\.Conv/],
  [
    "a constant for each position",
    [node("Add", ["images", "p"], "a")],
    [floatTensor("p", [1, 3, 8, 8])],
    /constants of the shape \[1,3,8,8\]/,
  ],
  [
    "an operator named like a method",
    [node("constructor", ["images"], "a")],
    initializer,
    /has no counterpart/,
  ],
  [
    "a constant of an impossible size",
    [node("ConstantOfShape", ["n"], "s"), node("Add", ["images", "s"], "a")],
    [
      {
        name: "n",
        dims: [2],
        dataType: 7,
        int64Data: [Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x0f)],
      },
    ],
    /which is too large/,
  ],
  [
    "a value that is computed twice",
    [conv, node("Relu", ["a"], "a")],
    initializer,
    /exists already/,
  ],
] as const)("%s is refused", async (_, nodes, tensors, message) => {
  expect((await refusal(netBytes([...nodes, ...flat], { initializer: tensors }))).message).toMatch(
    message,
  );
});

test("images without a size need one", async () => {
  const bytes = netBytes([conv, ...flat], { initializer, sides: [0, 3, 0, 0] });
  const { message, hint } = await refusal(bytes);
  expect(message).toMatch(/does not specify the size of its images/);
  expect(hint).toMatch(/imageSize PIXELS/);
  const { model } = await read(bytes, { imageSize: 20 });
  expect(model.graph.inputs).toEqual([{ name: "images", shape: [20, 20, 3] }]);
});

test("versions of the operators before 9 and after 25 are refused", async () => {
  for (const opset of [8, 26])
    expect((await refusal(netBytes([conv, ...flat], { initializer, opset }))).message).toMatch(
      `opset ${opset};`,
    );
  for (const opset of [9, 25])
    expect(
      (await read(netBytes([conv, ...flat], { initializer, opset }))).model.graph.nodes,
    ).toHaveLength(2);
});
