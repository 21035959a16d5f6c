import type { Quantization } from "../../src/graph/quantizers.js";
import type { Tensor4D } from "../../src/tensor/tf.js";
import { buildNet, builtInNets, builtInSpec, scaledWidths } from "../../src/web.js";
import { randomTensor } from "../random-tensor.js";

const FLOAT = { kind: "float" } as const;

/** The nets that Node.js and the page both build, from the same seeds. */
export const QUANTIZATIONS: Readonly<Record<string, Quantization>> = {
  float: { weights: FLOAT, activations: FLOAT },
  "4 bit": {
    weights: { kind: "dorefa", bits: 4 },
    activations: { kind: "dorefa", bits: 4, scale: 0.1 },
  },
};

/** The logits [100 x 10] of a narrow NIN on 100 random images, on the backend that is loaded. */
export const logitsOf = async (quantization: Quantization): Promise<number[]> => {
  const spec = builtInSpec({
    arch: "nin",
    widths: scaledWidths(builtInNets.nin, 0.125),
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "dorefa",
    quantization,
  });
  const net = buildNet(spec, { seed: 7, gammaStart: "uniform" });
  const images = randomTensor([100, 32, 32, 3], 5) as Tensor4D;
  const logits = net.infer(images);
  const values = Array.from(await logits.data());
  for (const each of [logits, images, net]) each.dispose();
  return values;
};
