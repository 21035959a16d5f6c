import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import type { NodeOptions } from "../../graph/node-defaults.js";
import { channelsAt, convNorm } from "./conv-norm.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { IMAGENET_PREPROCESSING } from "./preprocessing.js";
import { type PublishedWeights, torchvisionWeights } from "./published-weights.js";
import { scaleChannels } from "./scale-channels.js";

/** Blocks of each stage. */
const BLOCKS = [4, 8, 4];

/** A branch of a block, whose layers are numbered as in torchvision, activations included. */
const createBranch = (branch: GraphBuilder) => {
  let index = 0;
  const add = (x: ValueId, conv: NodeOptions["conv"]): ValueId => {
    const names = [String(index), String(index + 1)] as const;
    index += 2;
    return convNorm(branch, x, { names, conv });
  };
  return {
    pointwise: (x: ValueId, filters: number): ValueId => {
      const y = branch.relu(add(x, { filters, kernel: 1 }));
      index++;
      return y;
    },
    depthwise: (x: ValueId, stride: number): ValueId => {
      const channels = channelsAt(branch, x);
      return add(x, { filters: channels, kernel: 3, stride, padding: 1, groups: channels });
    },
  };
};

/** 1x1, depthwise and 1x1 convolutions. */
const addMainBranch = (block: GraphBuilder, x: ValueId, filters: number, stride: number) => {
  const branch = createBranch(block.within("branch2"));
  return branch.pointwise(branch.depthwise(branch.pointwise(x, filters), stride), filters);
};

/** Halves the sides: both branches read all channels (Ma et al. 2018, figure 3d). */
const addReduction = (block: GraphBuilder, x: ValueId, filters: number): ValueId => {
  const side = createBranch(block.within("branch1"));
  const reduced = side.pointwise(side.depthwise(x, 2), filters);
  return block.shuffle(block.concat(reduced, addMainBranch(block, x, filters, 2)), 2);
};

/** One half of the channels passes unchanged (figure 3c). */
const addUnit = (block: GraphBuilder, x: ValueId, filters: number): ValueId => {
  const [kept, changed] = block.split(x, [filters, filters]) as [ValueId, ValueId];
  return block.shuffle(block.concat(kept, addMainBranch(block, changed, filters, 1)), 2);
};

interface Widths {
  readonly stem: number;
  /** Channels of the stages; even, since blocks split them. */
  readonly stages: readonly number[];
  readonly head: number;
}

const drawShufflenet = ({ g, classes, width }: Canvas, widths: Widths): ValueId => {
  const stem = { filters: scaleChannels(widths.stem, width), kernel: 3, stride: 2, padding: 1 };
  let x = g.relu(convNorm(g, g.images, { names: ["conv1.0", "conv1.1"], conv: stem }));
  x = g.maxPool(x, { kernel: 3, stride: 2, padding: 1 });
  for (const [stage, channels] of widths.stages.entries()) {
    const filters = scaleChannels(channels, width, 2) / 2;
    for (let index = 0; index < (BLOCKS[stage] as number); index++) {
      const block = g.within(`stage${stage + 2}.${index}`);
      x = index === 0 ? addReduction(block, x, filters) : addUnit(block, x, filters);
    }
  }
  const head = { filters: scaleChannels(widths.head, width), kernel: 1 };
  x = g.relu(convNorm(g, x, { names: ["conv5.0", "conv5.1"], conv: head }));
  return g.dense("fc", g.globalPool(x), { features: classes, hasBias: true });
};

const shufflenetOf = (name: string, widths: Widths, weights: PublishedWeights) =>
  defineArchitecture(
    {
      name,
      imageSide: 224,
      source: `Ma et al. 2018, arXiv 1807.11164; torchvision ${name}`,
      preprocessing: IMAGENET_PREPROCESSING,
      weights,
    },
    (canvas) => drawShufflenet(canvas, widths),
  );

export const shufflenets = {
  shufflenet_v2_x0_5: shufflenetOf(
    "shufflenet_v2_x0_5",
    { stem: 24, stages: [48, 96, 192], head: 1024 },
    torchvisionWeights("shufflenetv2_x0.5", "f707e7126e", 5.5),
  ),
  shufflenet_v2_x1_0: shufflenetOf(
    "shufflenet_v2_x1_0",
    { stem: 24, stages: [116, 232, 464], head: 1024 },
    torchvisionWeights("shufflenetv2_x1", "5666bf0f80", 9.2),
  ),
} as const;
