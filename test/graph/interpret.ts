import { type Graph, type Node, type NodeOf, shapesOf } from "../../src/graph/graph.js";
import type { Model } from "../../src/graph/model.js";
import { isMaps, type Shape, sizeOf } from "../../src/graph/shape.js";
import { affineValue } from "../../src/quant/numbers/affine-grid.js";
import { weightNumbers } from "../../src/quant/numbers/quantized-tensor.js";
import { interpretWindow } from "./interpret-window.js";

/** The numbers of a value for one image, in the order of its shape: [height, width, channels] or [features]. */
export interface Numbers {
  readonly shape: Shape;
  readonly values: Float64Array;
}

const relu6 = (x: number): number => Math.min(Math.max(x, 0), 6);

const elementwise = (node: NodeOf<"activation">): ((x: number) => number) => {
  switch (node.function) {
    case "relu":
      return (x) => Math.max(x, 0);
    case "relu6":
      return relu6;
    case "sigmoid":
      return (x) => 1 / (1 + Math.exp(-x));
    case "silu":
      return (x) => x / (1 + Math.exp(-x));
    case "hardSigmoid":
      return (x) => relu6(x + 3) / 6;
    case "hardSwish":
      return (x) => (x * relu6(x + 3)) / 6;
    case "leakyRelu":
      return (x) => (x > 0 ? x : (node.slope ?? 0) * x);
  }
};

const quantizer = ({ quantizer: own }: NodeOf<"quantize">): ((x: number) => number) => {
  switch (own.kind) {
    case "float":
      return (x) => x;
    case "binary":
      return own.values === "sign" ? Math.sign : (x) => Number(x > 0);
    case "ternary":
      return (x) => (Math.abs(x) > 0.5 ? Math.sign(x) : 0);
    case "affine": {
      const { bits, range } = own;
      if (range.kind !== "fixed") throw new Error("Bake the model first.");
      return (x) => affineValue(x, range, bits);
    }
    case "dorefa": {
      const unit = (x: number): number =>
        Math.min(Math.max(own.scale * x, own.isSigned ? -1 : 0), 1);
      if (own.bits === 32) return (x) => x;
      if (own.bits === 1) return (x) => Math.sign(unit(x));
      const levels = 2 ** (own.isSigned ? own.bits - 1 : own.bits) - 1;
      return (x) => Math.round(unit(x) * levels) / levels;
    }
  }
};

/** Each pixel of a block is a channel: [h, w, c factor^2] -> [h factor, w factor, c]. */
const pixelShuffled = ({ shape, values }: Numbers, factor: number): Numbers => {
  const [height, width, channels] = shape as [number, number, number];
  const to = [height * factor, width * factor, channels / factor ** 2] as const;
  const shuffled = new Float64Array(values.length);
  for (const [index, value] of values.entries()) {
    const [channel, position] = [index % channels, Math.floor(index / channels)];
    const [own, place] = [Math.floor(channel / factor ** 2), channel % factor ** 2];
    const y = Math.floor(position / width) * factor + Math.floor(place / factor);
    const x = (position % width) * factor + (place % factor);
    shuffled[(y * to[1] + x) * to[2] + own] = value;
  }
  return { shape: to, values: shuffled };
};

/** Values in PyTorch's order: channel by channel. */
const byChannel = ({ shape, values }: Numbers): Float64Array => {
  if (!isMaps(shape)) return values;
  const [height, width, channels] = shape;
  const area = height * width;
  return values.map(
    (_, index) => values[(index % area) * channels + Math.floor(index / area)] ?? 0,
  );
};

const fromChannels = (values: Float64Array, shape: Shape): Numbers => {
  if (!isMaps(shape)) return { shape, values };
  const [height, width, channels] = shape;
  const area = height * width;
  return {
    shape,
    values: values.map(
      (_, index) => values[(index % channels) * area + Math.floor(index / channels)] ?? 0,
    ),
  };
};

const channelsIn = ({ shape }: Numbers): number => shape.at(-1) ?? 1;

/** Each channel of x by a function of the value and the channel. */
const perChannel = (x: Numbers, of: (value: number, channel: number) => number): Numbers => ({
  shape: x.shape,
  values: x.values.map((value, index) => of(value, index % channelsIn(x))),
});

/** Takes some channels of x, in the given order. */
const takeChannels = (x: Numbers, taken: readonly number[]): Numbers => {
  const channels = channelsIn(x);
  const positions = x.values.length / channels;
  return {
    shape: [...x.shape.slice(0, -1), taken.length],
    values: Float64Array.from(
      { length: positions * taken.length },
      (_, index) =>
        x.values[
          Math.floor(index / taken.length) * channels + (taken[index % taken.length] ?? 0)
        ] ?? 0,
    ),
  };
};

const concatenated = (parts: readonly Numbers[]): Numbers => {
  const [first] = parts as [Numbers];
  const positions = first.values.length / channelsIn(first);
  const values = Array.from({ length: positions }, (_, position) =>
    parts.flatMap((part) => {
      const channels = channelsIn(part);
      return [...part.values.subarray(position * channels, (position + 1) * channels)];
    }),
  ).flat();
  const channels = parts.reduce((sum, part) => sum + channelsIn(part), 0);
  return { shape: [...first.shape.slice(0, -1), channels], values: Float64Array.from(values) };
};

const range = (start: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => start + index);

const resized = (x: Numbers, node: NodeOf<"resize">): Numbers => {
  const [height, width, channels] = x.shape as [number, number, number];
  const { height: rows, width: columns, method, alignsCorners } = node;
  const at = (row: number, column: number, channel: number): number =>
    x.values[(row * width + column) * channels + channel] ?? 0;
  const source = (index: number, from: number, to: number): number => {
    if (method === "nearest") return Math.floor((index * from) / to);
    if (alignsCorners) return to === 1 ? 0 : (index * (from - 1)) / (to - 1);
    return Math.max(0, ((index + 0.5) * from) / to - 0.5);
  };
  const values = Float64Array.from({ length: rows * columns * channels }, (_, index) => {
    const channel = index % channels;
    const y = source(Math.floor(index / channels / columns), height, rows);
    const z = source(Math.floor(index / channels) % columns, width, columns);
    const [top, left] = [Math.floor(y), Math.floor(z)];
    const [bottom, right] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
    const upper = at(top, left, channel) * (1 - z + left) + at(top, right, channel) * (z - left);
    const lower =
      at(bottom, left, channel) * (1 - z + left) + at(bottom, right, channel) * (z - left);
    return upper * (1 - y + top) + lower * (y - top);
  });
  return { shape: [rows, columns, channels], values };
};

const pooledGlobally = (x: Numbers, node: NodeOf<"globalPool">): Numbers => {
  const channels = channelsIn(x);
  const positions = x.values.length / channels;
  const values = Float64Array.from(range(0, channels), (channel) => {
    const own = range(0, positions).map((position) => x.values[position * channels + channel] ?? 0);
    return node.function === "max" ? Math.max(...own) : own.reduce((a, b) => a + b, 0) / positions;
  });
  return { shape: node.keepsMaps ? [1, 1, channels] : [channels], values };
};

const dense = (x: Numbers, kernel: Float32Array, bias: Float32Array | undefined): Numbers => {
  const inputs = x.values.length;
  const values = Float64Array.from(range(0, kernel.length / inputs), (output) =>
    x.values.reduce(
      (sum, value, index) => sum + value * (kernel[output * inputs + index] ?? 0),
      bias?.[output] ?? 0,
    ),
  );
  return { shape: [values.length], values };
};

/** Computes the outputs of one node in float64, as its kind is documented. */
const compute = (
  node: Node,
  inputs: readonly Numbers[],
  read: (suffix: string) => Float32Array | undefined,
): Numbers[] => {
  const [x] = inputs as [Numbers];
  const map = (of: (value: number) => number): Numbers[] => [perChannel(x, of)];
  const channelOf = (suffix: string, fallback: number) => {
    const values = read(suffix);
    return (channel: number): number => values?.[channel] ?? fallback;
  };
  switch (node.kind) {
    case "activation":
      return map(elementwise(node));
    case "quantize":
      return map(quantizer(node));
    case "prelu": {
      const slope = channelOf("weight", 0);
      return [perChannel(x, (v, c) => (v > 0 ? v : slope(node.isShared ? 0 : c) * v))];
    }
    case "batchNorm": {
      const [gamma, beta] = [channelOf("weight", 1), channelOf("bias", 0)];
      const [mean, variance] = [channelOf("running_mean", 0), channelOf("running_var", 1)];
      const least = node.minGamma ?? Number.NEGATIVE_INFINITY;
      const scale = (c: number): number =>
        Math.max(gamma(c), node.hasAffine ? least : gamma(c)) /
        Math.sqrt(variance(c) + node.epsilon);
      return [perChannel(x, (v, c) => (v - mean(c)) * scale(c) + beta(c))];
    }
    case "affine": {
      const [scale, threshold] = [channelOf("scale", 1), channelOf("threshold", 0)];
      return [perChannel(x, (v, c) => scale(c) * v - threshold(c))];
    }
    case "conv":
    case "maxPool":
    case "averagePool":
    case "pad":
      return [interpretWindow(node, x, { kernel: read("weight"), bias: read("bias") })];
    case "dense":
      return [dense(x, read("weight") as Float32Array, read("bias"))];
    case "globalPool":
      return [pooledGlobally(x, node)];
    case "add":
      return [
        {
          ...x,
          values: x.values.map((_, i) =>
            inputs.reduce((sum, { values }) => sum + (values[i] ?? 0), 0),
          ),
        },
      ];
    case "multiply": {
      const factor = inputs[1] as Numbers;
      const repeats = factor.values.length;
      return [
        { ...x, values: x.values.map((value, i) => value * (factor.values[i % repeats] ?? 0)) },
      ];
    }
    case "concat":
      return [concatenated(inputs)];
    case "split": {
      const starts = node.sizes.map((_, part) =>
        node.sizes.slice(0, part).reduce((a, b) => a + b, 0),
      );
      return node.sizes.map((size, part) => takeChannels(x, range(starts[part] ?? 0, size)));
    }
    case "shuffle": {
      const size = channelsIn(x) / node.groups;
      const order = range(0, channelsIn(x)).map(
        (c) => (c % node.groups) * size + Math.floor(c / node.groups),
      );
      return [takeChannels(x, order)];
    }
    case "pixelShuffle":
      return [pixelShuffled(x, node.factor)];
    case "dropout":
      return [x];
    case "flatten":
      return [{ shape: [x.values.length], values: byChannel(x) }];
    case "reshape":
      return [fromChannels(byChannel(x), node.shape)];
    case "resize":
      return [resized(x, node)];
    case "softmax": {
      const powers = x.values.map(Math.exp);
      const sum = powers.reduce((a, b) => a + b, 0);
      return [{ ...x, values: powers.map((power) => power / sum) }];
    }
  }
};

/**
 * Computes a model with quantized or float weights for one image [h, w, c], node by node in float64 on plain numbers.
 * Returns its outputs by name.
 */
export const interpret = (
  { graph, weights }: Model,
  image: ArrayLike<number>,
): Map<string, Float64Array> => {
  const shapes = shapesOf(graph as Graph);
  const [input] = graph.inputs;
  if (!input || sizeOf(input.shape) !== image.length) throw new Error("the image does not fit");
  const computed = new Map<string, Numbers>([
    [input.name, { shape: input.shape, values: Float64Array.from(image) }],
  ]);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((value) => computed.get(value) as Numbers);
    const outputs = compute(node, inputs, (suffix) => {
      const weight = weights.get(`${node.name}.${suffix}`);
      return weight && weightNumbers(weight);
    });
    for (const [index, output] of outputs.entries()) {
      const value = outputs.length === 1 ? node.name : `${node.name}:${index}`;
      if (String(shapes.get(value)) !== String(output.shape)) throw new Error(`shape of ${value}`);
      computed.set(value, output);
    }
  }
  return new Map(
    graph.outputs.map(({ name, value }) => [name, (computed.get(value) as Numbers).values]),
  );
};
