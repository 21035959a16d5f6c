import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import { channelsAt, convNorm } from "./conv-norm.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { IMAGENET_PREPROCESSING, type Preprocessing } from "./preprocessing.js";
import { scaleChannels } from "./scale-channels.js";

const WIDTHS = [16, 32, 64];

/**
 * The shortcut where a block changes the shape (He et al. 2015, section 3.3):
 * - `A`: every second pixel, and channels of zeros on both sides
 * - `B`: a 1x1 convolution with a norm
 */
type ShortcutOption = "A" | "B";

interface BlockOptions {
  readonly filters: number;
  readonly stride: number;
  readonly option: ShortcutOption;
}

const addShortcut = (
  block: GraphBuilder,
  x: ValueId,
  { filters, stride, option }: BlockOptions,
): ValueId => {
  const channels = channelsAt(block, x);
  if (stride === 1 && channels === filters) return x;
  if (option === "B") {
    const conv = { filters, kernel: 1, stride };
    return convNorm(block, x, { names: ["shortcut.0", "shortcut.1"], conv });
  }
  // A pool over one pixel picks every second one.
  const picked = block.maxPool(x, { kernel: 1, stride });
  const before = Math.floor((filters - channels) / 2);
  return block.pad(picked, { channels: [before, filters - channels - before] });
};

/** Two 3x3 convolutions and the shortcut. */
const addBlock = (block: GraphBuilder, x: ValueId, options: BlockOptions): ValueId => {
  const { filters, stride } = options;
  const first = convNorm(block, x, {
    names: ["conv1", "bn1"],
    conv: { filters, kernel: 3, stride, padding: 1 },
  });
  const second = convNorm(block, block.relu(first), {
    names: ["conv2", "bn2"],
    conv: { filters, kernel: 3, padding: 1 },
  });
  return block.relu(block.add(second, addShortcut(block, x, options)));
};

/** Three stages of `blocks` residual blocks each (He et al. 2015, section 4.2). */
const drawResnet = ({ g, classes, width }: Canvas, blocks: number, option: ShortcutOption) => {
  const [stem = 0] = WIDTHS;
  const conv = { filters: scaleChannels(stem, width), kernel: 3, padding: 1 };
  let x = g.relu(convNorm(g, g.images, { names: ["conv1", "bn1"], conv }));
  for (const [stage, channels] of WIDTHS.entries()) {
    const filters = scaleChannels(channels, width);
    for (let index = 0; index < blocks; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      x = addBlock(g.within(`layer${stage + 1}.${index}`), x, { filters, stride, option });
    }
  }
  return g.dense("linear", g.globalPool(x), { features: classes, hasBias: true });
};

/** The published weights have ImageNet's normalization. */
const PREPROCESSING: Preprocessing = {
  ...IMAGENET_PREPROCESSING,
  resizedSide: null,
  crop: 32,
};

const resnetOf = (depth: number, option: ShortcutOption) =>
  defineArchitecture(
    {
      name: option === "A" ? `resnet${depth}` : `resnet${depth}_b`,
      imageSide: 32,
      source: `He et al. 2015, arXiv 1512.03385, section 4.2, shortcuts of option ${option}; akamaster/pytorch_resnet_cifar10`,
      // Weights are published for option A only.
      ...(option === "A" && { preprocessing: PREPROCESSING }),
    },
    (canvas) => drawResnet(canvas, (depth - 2) / 6, option),
  );

export const cifarResnets = {
  resnet20: resnetOf(20, "A"),
  resnet32: resnetOf(32, "A"),
  resnet44: resnetOf(44, "A"),
  resnet56: resnetOf(56, "A"),
  resnet110: resnetOf(110, "A"),
  resnet20_b: resnetOf(20, "B"),
  resnet32_b: resnetOf(32, "B"),
  resnet44_b: resnetOf(44, "B"),
  resnet56_b: resnetOf(56, "B"),
  resnet110_b: resnetOf(110, "B"),
} as const;
