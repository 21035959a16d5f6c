import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import { channelsAt, convNorm } from "./conv-norm.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { IMAGENET_PREPROCESSING } from "./preprocessing.js";
import { torchvisionWeights } from "./published-weights.js";
import { scaleToEights } from "./scale-channels.js";

const STEM = 32;
const HEAD = 1280;

/** Stages of inverted residual blocks: expansion, channels, blocks, stride of the first (Sandler et al. 2018, table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

interface BlockOptions {
  readonly expansion: number;
  readonly filters: number;
  readonly stride: number;
}

/** Expands the channels, filters each of them, and projects to few channels. */
const addBlock = (block: GraphBuilder, x: ValueId, options: BlockOptions): ValueId => {
  const { expansion, filters, stride } = options;
  const channels = channelsAt(block, x);
  const hidden = channels * expansion;
  const isExpanded = expansion !== 1;
  const expanded = isExpanded
    ? block.relu6(
        convNorm(block, x, { names: ["0.0", "0.1"], conv: { filters: hidden, kernel: 1 } }),
      )
    : x;
  const at = isExpanded ? 1 : 0;
  const filtered = convNorm(block, expanded, {
    names: [`${at}.0`, `${at}.1`],
    conv: { filters: hidden, kernel: 3, stride, padding: 1, groups: hidden },
  });
  const projected = convNorm(block, block.relu6(filtered), {
    names: [String(at + 1), String(at + 2)],
    conv: { filters, kernel: 1 },
  });
  return stride === 1 && channels === filters ? block.add(x, projected) : projected;
};

const drawMobilenet = ({ g, classes, width }: Canvas): ValueId => {
  const addConv = (index: number, x: ValueId, conv: Parameters<typeof convNorm>[2]["conv"]) =>
    g.relu6(convNorm(g.within(`features.${index}`), x, { names: ["0", "1"], conv }));
  const stem = { filters: scaleToEights(STEM, width), kernel: 3, stride: 2, padding: 1 };
  let x = addConv(0, g.images, stem);
  let index = 1;
  for (const [expansion, channels, blocks, firstStride] of STAGES) {
    const filters = scaleToEights(channels, width);
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? firstStride : 1;
      x = addBlock(g.within(`features.${index}.conv`), x, { expansion, filters, stride });
      index++;
    }
  }
  // A smaller net keeps all channels of its last convolution.
  const filters = scaleToEights(HEAD, Math.max(1, width));
  x = g.globalPool(addConv(index, x, { filters, kernel: 1 }));
  return g.dense("classifier.1", g.dropout(x, 0.2), { features: classes, hasBias: true });
};

export const mobilenets = {
  mobilenet_v2: defineArchitecture(
    {
      name: "mobilenet_v2",
      imageSide: 224,
      source: "Sandler et al. 2018, arXiv 1801.04381; torchvision mobilenet_v2",
      preprocessing: IMAGENET_PREPROCESSING,
      weights: torchvisionWeights("mobilenet_v2", "b0353104", 14.2),
    },
    drawMobilenet,
  ),
} as const;
