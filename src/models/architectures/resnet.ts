import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import { channelsAt, convNorm } from "./conv-norm.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { IMAGENET_PREPROCESSING } from "./preprocessing.js";
import { torchvisionWeights } from "./published-weights.js";
import { scaleChannels } from "./scale-channels.js";

const WIDTHS = [64, 128, 256, 512];
/** Outputs of a bottleneck block as a multiple of its inner channels. */
const EXPANSION = 4;

interface BlockOptions {
  /** Channels within the block. */
  readonly channels: number;
  readonly stride: number;
}

type AddBlock = (block: GraphBuilder, x: ValueId, options: BlockOptions) => ValueId;

/** The input of a block, or a 1x1 convolution of it where the block changes the shape. */
const addShortcut = (block: GraphBuilder, x: ValueId, filters: number, stride: number): ValueId =>
  stride === 1 && channelsAt(block, x) === filters
    ? x
    : convNorm(block, x, {
        names: ["downsample.0", "downsample.1"],
        conv: { filters, kernel: 1, stride },
      });

/** Two 3x3 convolutions. */
const addBasicBlock: AddBlock = (block, x, { channels: filters, stride }) => {
  const first = convNorm(block, x, {
    names: ["conv1", "bn1"],
    conv: { filters, kernel: 3, stride, padding: 1 },
  });
  const second = convNorm(block, block.relu(first), {
    names: ["conv2", "bn2"],
    conv: { filters, kernel: 3, padding: 1 },
  });
  return block.relu(block.add(second, addShortcut(block, x, filters, stride)));
};

/** 1x1, 3x3 and 1x1 convolutions; the 3x3 one has the stride (the variant V1.5). */
const addBottleneck: AddBlock = (block, x, { channels, stride }) => {
  const filters = EXPANSION * channels;
  const first = convNorm(block, x, {
    names: ["conv1", "bn1"],
    conv: { filters: channels, kernel: 1 },
  });
  const second = convNorm(block, block.relu(first), {
    names: ["conv2", "bn2"],
    conv: { filters: channels, kernel: 3, stride, padding: 1 },
  });
  const third = convNorm(block, block.relu(second), {
    names: ["conv3", "bn3"],
    conv: { filters, kernel: 1 },
  });
  return block.relu(block.add(third, addShortcut(block, x, filters, stride)));
};

/** The layers before the first block: `large` divides the sides by 4, `small` keeps them. */
type Stem = "large" | "small";

interface ResnetShape {
  readonly blocks: readonly number[];
  readonly addBlock: AddBlock;
  readonly stem?: Stem;
}

const addStem = ({ g, width }: Canvas, stem: Stem): ValueId => {
  const window =
    stem === "large" ? { kernel: 7, stride: 2, padding: 3 } : { kernel: 3, padding: 1 };
  const conv = { filters: scaleChannels(WIDTHS[0] as number, width), ...window };
  const x = g.relu(convNorm(g, g.images, { names: ["conv1", "bn1"], conv }));
  return stem === "large" ? g.maxPool(x, { kernel: 3, stride: 2, padding: 1 }) : x;
};

const drawResnet = (canvas: Canvas, { blocks, addBlock, stem = "large" }: ResnetShape): ValueId => {
  const { g, classes, width } = canvas;
  let x = addStem(canvas, stem);
  for (const [stage, count] of blocks.entries()) {
    const channels = scaleChannels(WIDTHS[stage] as number, width);
    for (let index = 0; index < count; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      x = addBlock(g.within(`layer${stage + 1}.${index}`), x, { channels, stride });
    }
  }
  return g.dense("fc", g.globalPool(x), { features: classes, hasBias: true });
};

const PAPER = "He et al. 2015, arXiv 1512.03385";

/** The digits of the hash and the megabytes of a published file. */
type FileFacts = readonly [sha256: string, megabytes: number];

const resnetOf = (name: string, shape: ResnetShape, weights: FileFacts) =>
  defineArchitecture(
    {
      name,
      imageSide: 224,
      source: `${PAPER}; torchvision ${name}`,
      preprocessing: IMAGENET_PREPROCESSING,
      weights: torchvisionWeights(name, ...weights),
    },
    (canvas) => drawResnet(canvas, shape),
  );

const RESNET_18: ResnetShape = { blocks: [2, 2, 2, 2], addBlock: addBasicBlock };

export const resnets = {
  resnet18: resnetOf("resnet18", RESNET_18, ["f37072fd", 46.8]),
  resnet34: resnetOf("resnet34", { blocks: [3, 4, 6, 3], addBlock: addBasicBlock }, [
    "b627a593",
    87.3,
  ]),
  resnet50: resnetOf("resnet50", { blocks: [3, 4, 6, 3], addBlock: addBottleneck }, [
    "0676ba61",
    102.5,
  ]),
  /** ResNet-18 whose first convolution is 3x3 with stride 1 and has no pool after it, for small images. */
  resnet18_cifar: defineArchitecture(
    {
      name: "resnet18_cifar",
      imageSide: 32,
      source: `${PAPER}; torchvision's names, the stem of section 4.2`,
    },
    (canvas) => drawResnet(canvas, { ...RESNET_18, stem: "small" }),
  ),
} as const;
