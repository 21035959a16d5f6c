import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import { channelsAt } from "./conv-norm.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { scaleChannels } from "./scale-channels.js";

const GROWTH = 12;
/** Layers of each of the three dense blocks: (40 - 4) / 3. */
const LAYERS = 12;

/** Norm, ReLU, convolution. */
const addLayer = (
  layer: GraphBuilder,
  x: ValueId,
  conv: Parameters<GraphBuilder["conv"]>[2],
): ValueId => layer.conv("conv1", layer.relu(layer.batchNorm("bn1", x)), conv);

/** Each layer adds `growth` channels to all those before it. */
const addDenseBlock = (block: GraphBuilder, input: ValueId, growth: number): ValueId => {
  let x = input;
  for (let index = 0; index < LAYERS; index++) {
    const layer = block.within(`layer.${index}`);
    x = layer.concat(x, addLayer(layer, x, { filters: growth, kernel: 3, padding: 1 }));
  }
  return x;
};

/** A 1x1 convolution that keeps the number of channels, and a pool that halves the sides. */
const addTransition = (transition: GraphBuilder, x: ValueId): ValueId => {
  const filters = channelsAt(transition, x);
  return transition.averagePool(addLayer(transition, x, { filters, kernel: 1 }), { kernel: 2 });
};

/** Three dense blocks without bottlenecks and compression (Huang et al. 2016, section 4.2: DenseNet, k = 12, L = 40). */
const drawDensenet = ({ g, classes, width }: Canvas): ValueId => {
  const growth = scaleChannels(GROWTH, width);
  let x = g.conv("conv1", g.images, { filters: 2 * growth, kernel: 3, padding: 1 });
  for (const block of [1, 2, 3]) {
    x = addDenseBlock(g.within(`block${block}`), x, growth);
    if (block < 3) x = addTransition(g.within(`trans${block}`), x);
  }
  x = g.globalPool(g.relu(g.batchNorm("bn1", x)));
  return g.dense("fc", x, { features: classes, hasBias: true });
};

export const densenets = {
  densenet40: defineArchitecture(
    {
      name: "densenet40",
      imageSide: 32,
      source:
        "Huang et al. 2016, arXiv 1608.06993; andreasveit/densenet-pytorch with depth 40, growth 12, no bottleneck, no reduction",
    },
    drawDensenet,
  ),
} as const;
