import { expect, test } from "vitest";
import type { Draft } from "../../../src/formats/onnx/encode-message.js";
import { ATTRIBUTE_TYPES, type OnnxNode } from "../../../src/formats/onnx/messages.js";
import { parseOnnx } from "../../../src/formats/onnx/read-onnx.js";
import { importOnnx } from "../../../src/import/onnx/import-onnx.js";
import { floatTensor, netBytes } from "../../formats/onnx/onnx-file.js";
import { interpret } from "../../graph/interpret.js";
import { randomImage } from "../../graph/random-model.js";

interface Transposed {
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly pads?: readonly [top: number, left: number, bottom: number, right: number];
  readonly added?: readonly [number, number];
  readonly groups?: number;
  readonly hasBias?: boolean;
}

const [HEIGHT, WIDTH, INPUTS, IN_GROUP] = [4, 5, 4, 3];

const ints = (name: string, values: readonly number[]) => ({
  name,
  type: ATTRIBUTE_TYPES.ints,
  ints: values,
});

const numbersIn = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(at + 1));

const tensor = (name: string, dims: readonly number[]) => {
  const numbers = numbersIn(dims.reduce((product, side) => product * side, 1));
  return floatTensor(name, dims, { rawData: new Uint8Array(numbers.buffer) });
};

const fileOf = (one: Transposed): Buffer => {
  const { kernel, stride, pads = [0, 0, 0, 0], added = [0, 0], groups = 1, hasBias = true } = one;
  const attribute: Draft<OnnxNode>["attribute"] = [
    ints("strides", [stride, stride]),
    ints("pads", pads),
    ints("output_padding", added),
    { name: "group", type: ATTRIBUTE_TYPES.int, i: groups },
  ];
  const input = ["images", "up.weight", ...(hasBias ? ["up.bias"] : [])];
  const node = { opType: "ConvTranspose", name: "up", input, output: ["logits"], attribute };
  const initializer = [
    tensor("up.weight", [INPUTS, IN_GROUP, ...kernel]),
    tensor("up.bias", [IN_GROUP * groups]),
  ];
  return netBytes([node], { initializer, sides: [1, INPUTS, HEIGHT, WIDTH] });
};

/** The definition: every input adds its multiple of the kernel to the output. */
const transposed = (image: Float32Array, one: Transposed): number[] => {
  const { kernel, stride, pads = [0, 0, 0, 0], added = [0, 0], groups = 1, hasBias = true } = one;
  const [rows, columns] = kernel;
  const height = stride * (HEIGHT - 1) + rows + added[0] - pads[0] - pads[2];
  const width = stride * (WIDTH - 1) + columns + added[1] - pads[1] - pads[3];
  const filters = IN_GROUP * groups;
  const weights = numbersIn(INPUTS * IN_GROUP * rows * columns);
  const biases = numbersIn(filters);
  const sums = Array.from({ length: height * width * filters }, (_, at) =>
    hasBias ? (biases[at % filters] as number) : 0,
  );
  for (const [at, value] of image.entries()) {
    const [input, position] = [at % INPUTS, Math.floor(at / INPUTS)];
    const [y, x] = [Math.floor(position / WIDTH), position % WIDTH];
    const group = Math.floor((input * groups) / INPUTS);
    for (let filter = 0; filter < IN_GROUP; filter++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const [down, across] = [stride * y + row - pads[0], stride * x + column - pads[1]];
          if (down < 0 || across < 0 || down >= height || across >= width) continue;
          const weight = weights[((input * IN_GROUP + filter) * rows + row) * columns + column];
          const to = (down * width + across) * filters + group * IN_GROUP + filter;
          sums[to] = (sums[to] as number) + value * (weight as number);
        }
  }
  return sums;
};

const read = async (one: Transposed) =>
  importOnnx(await parseOnnx(fileOf(one), "net.onnx"), "net.onnx");

const CASES: readonly (readonly [string, Transposed])[] = [
  ["a kernel of the size of its stride", { kernel: [2, 2], stride: 2 }],
  ["a kernel of twice its stride", { kernel: [4, 4], stride: 2, pads: [1, 1, 1, 1] }],
  ["an output padding", { kernel: [3, 3], stride: 2, pads: [1, 1, 1, 1], added: [1, 1] }],
  ["a stride of 3 in groups", { kernel: [3, 3], stride: 3, groups: 2 }],
  ["a stride of 4 and different borders", { kernel: [8, 6], stride: 4, pads: [3, 0, 1, 2] }],
  ["borders wider than what the kernel reaches", { kernel: [2, 4], stride: 2, pads: [2, 3, 2, 1] }],
  ["a kernel smaller than its stride", { kernel: [1, 2], stride: 2, added: [1, 0] }],
  ["a stride of 1", { kernel: [3, 5], stride: 1, pads: [1, 2, 1, 2], hasBias: false }],
  ["depthwise filters", { kernel: [4, 4], stride: 2, pads: [1, 1, 1, 1], groups: 4 }],
];

test.each(CASES)("a transposed convolution becomes nodes of a net: %s", async (_, one) => {
  const { model } = await read(one);
  const kinds = model.graph.nodes.map(({ kind }) => kind);
  expect(kinds).toEqual(one.stride === 1 ? ["conv"] : ["conv", "pixelShuffle"]);
  const image = randomImage(model.graph, 3);
  const values = [...(interpret(model, image).get("logits") ?? [])];
  const wanted = transposed(Float32Array.from(image), one);
  expect(values).toHaveLength(wanted.length);
  // Both sum the same float32 products in float64, in other orders.
  for (const [at, value] of values.entries()) expect(value).toBeCloseTo(wanted[at] as number, 10);
});

test.each([
  ["an output that is no multiple of its stride", { kernel: [3, 3], stride: 2 }, /no multiple/],
  ["no output", { kernel: [1, 1], stride: 1, pads: [2, 2, 2, 2] }, /computes 0 rows/],
] as const)("a transposed convolution is refused with %s", async (_, one, message) => {
  await expect(read(one)).rejects.toThrow(message);
});
