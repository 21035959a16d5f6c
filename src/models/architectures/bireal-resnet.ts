import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import { channelsAt, convNorm } from "./conv-norm.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { scaleChannels } from "./scale-channels.js";

const WIDTHS = [16, 32, 64];

/** The input of a convolution for the addition after it: where the shape changes, 2x2 means and channels of zeros. */
const addShortcut = (block: GraphBuilder, x: ValueId, filters: number, stride: number): ValueId => {
  const missing = filters - channelsAt(block, x);
  if (stride === 1 && missing === 0) return x;
  const smaller = stride === 1 ? x : block.averagePool(x, { kernel: stride, stride });
  const before = Math.floor(missing / 2);
  return block.pad(smaller, { channels: [before, missing - before] });
};

interface LayerOptions {
  readonly index: number;
  readonly filters: number;
  readonly stride: number;
  /** Whether thresholds of signs and shifts of PReLUs are trained (RSign and RPReLU, ReActNet, section 4.2). */
  readonly isShifted: boolean;
}

/** A 3x3 convolution with its norm, a shortcut around them, and a PReLU. */
const addLayer = (
  block: GraphBuilder,
  x: ValueId,
  { index, filters, stride, isShifted }: LayerOptions,
): ValueId => {
  const shifted = (name: string, value: ValueId): ValueId =>
    isShifted ? block.affine(`${name}${index}`, value) : value;
  const conv = { filters, kernel: 3, stride, padding: 1 };
  const names = [`conv${index}`, `bn${index}`] as const;
  const y = convNorm(block, shifted("rsign", x), { names, conv });
  const sum = block.add(y, addShortcut(block, x, filters, stride));
  return shifted("shift", block.prelu(`prelu${index}`, shifted("center", sum)));
};

/** Three stages of `blocks` blocks of two layers each. */
const drawResnet = (
  { g, classes, width }: Canvas,
  { blocks, isShifted }: { blocks: number; isShifted: boolean },
): ValueId => {
  const [stem = 0] = WIDTHS;
  const conv = { filters: scaleChannels(stem, width), kernel: 3, padding: 1 };
  let x = g.prelu("prelu1", convNorm(g, g.images, { names: ["conv1", "bn1"], conv }));
  for (const [stage, channels] of WIDTHS.entries()) {
    const filters = scaleChannels(channels, width);
    for (let index = 0; index < blocks; index++) {
      const block = g.within(`layer${stage + 1}.${index}`);
      const stride = stage > 0 && index === 0 ? 2 : 1;
      x = addLayer(block, x, { index: 1, filters, stride, isShifted });
      x = addLayer(block, x, { index: 2, filters, stride: 1, isShifted });
    }
  }
  return g.dense("linear", g.globalPool(x), { features: classes, hasBias: true });
};

const birealOf = (depth: number) =>
  defineArchitecture(
    {
      name: `resnet${depth}_bireal`,
      imageSide: 32,
      source:
        "Liu et al. 2018 (Bi-Real Net), arXiv 1808.00278, section 3.2: a shortcut around every convolution; PReLU as in ReActNet, Liu et al. 2020",
    },
    (canvas) => drawResnet(canvas, { blocks: (depth - 2) / 6, isShifted: false }),
  );

const reactOf = (depth: number) =>
  defineArchitecture(
    {
      name: `resnet${depth}_react`,
      imageSide: 32,
      source:
        "Liu et al. 2020 (ReActNet), arXiv 2003.03488, section 4.2, on the layers of Bi-Real Net: every sign has a trained threshold per channel (RSign), every PReLU trained shifts before and after it (RPReLU); each also has a trained scale",
    },
    (canvas) => drawResnet(canvas, { blocks: (depth - 2) / 6, isShifted: true }),
  );

/** CIFAR ResNets in the form for binary activations: what the signs lose flows through the real-valued shortcuts. */
export const birealResnets = {
  resnet20_bireal: birealOf(20),
  resnet32_bireal: birealOf(32),
  resnet20_react: reactOf(20),
} as const;
