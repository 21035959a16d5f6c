import type { Quantization } from "../../src/graph/quantizers.js";
import type { Tensor4D } from "../../src/tensor/tf.js";
import { architectureSpec, buildNet, type Net, readNet } from "../../src/web.js";
import { randomTensor } from "../random-tensor.js";

const BUILT_IMAGES = 40;
const FILE_IMAGES = 10;

const FLOAT = { kind: "float" } as const;

const FOUR_BITS: Quantization = {
  weights: { kind: "dorefa", bits: 4 },
  activations: { kind: "dorefa", bits: 4, scale: 0.1 },
};

/** A described graph with a residual block. */
export const RESIDUAL = {
  name: "small-residual",
  nodes: [
    { kind: "conv", filters: 16, kernel: 3 },
    { kind: "batchNorm" },
    { kind: "activation", name: "stem" },
    { kind: "conv", filters: 16, kernel: 3 },
    { kind: "batchNorm" },
    { kind: "activation" },
    { kind: "conv", filters: 16, kernel: 3 },
    { kind: "batchNorm", name: "block" },
    { kind: "add", inputs: ["block", "stem"] },
    { kind: "activation" },
    { kind: "globalPool" },
    { kind: "dense", features: "classes" },
  ],
};

type Built = Pick<Parameters<typeof architectureSpec>[0], "arch" | "width" | "quantization">;

/** The nets that Node.js and the page both build, from the same seeds. */
export const NETS: Readonly<Record<string, Built>> = {
  "float chain": { arch: "nin", width: 0.125 },
  "4 bit chain": { arch: "nin", width: 0.125, quantization: FOUR_BITS },
  "float graph": { arch: "resnet20", width: 0.25 },
  "4 bit graph": { arch: "resnet20", width: 0.25, quantization: FOUR_BITS },
  "float depthwise graph": { arch: "mobilenet_v2", width: 0.125 },
  "float described graph": {
    arch: RESIDUAL,
    quantization: { weights: FLOAT, activations: FLOAT },
  },
};

/** The logits [count, 10] of a net on random images, on the backend that is loaded. */
const logitsOf = async (net: Net, count: number): Promise<number[]> => {
  const images = randomTensor([count, 32, 32, 3], 5) as Tensor4D;
  const logits = net.infer(images);
  const values = Array.from(await logits.data());
  for (const each of [logits, images, net]) each.dispose();
  return values;
};

/** The logits of a net with its initial values. */
export const builtLogits = (built: Built): Promise<number[]> => {
  const input = { channels: 3, height: 32, width: 32 };
  const spec = architectureSpec({ ...built, classes: 10, input });
  return logitsOf(buildNet(spec, { seed: 7, gammaStart: "uniform" }), BUILT_IMAGES);
};

/** The logits of the net of a file, and the names of its classes. */
export const fileLogits = async (bytes: Uint8Array, name: string) => {
  const { net, dataSet } = readNet(bytes, name);
  return { logits: await logitsOf(net, FILE_IMAGES), classNames: dataSet?.classNames ?? [] };
};
