import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { IMAGENET_PREPROCESSING } from "./preprocessing.js";
import { torchvisionWeights } from "./published-weights.js";
import { scaleChannels } from "./scale-channels.js";

const STEM = 64;
/** The layers after the first pool in torchvision's order: fire modules by their squeezed and expanded channels, and pools. */
const LAYERS = [
  [16, 64],
  [16, 64],
  "pool",
  [32, 128],
  [32, 128],
  "pool",
  [48, 192],
  [48, 192],
  [64, 256],
  [64, 256],
] as const;

/** Squeezes the channels, then expands them by 1x1 and by 3x3 filters (Iandola et al. 2016, section 3.2). */
const addFire = (fire: GraphBuilder, x: ValueId, squeezed: number, expanded: number): ValueId => {
  const conv = (name: string, input: ValueId, filters: number, kernel: number): ValueId =>
    fire.relu(
      fire.conv(name, input, { filters, kernel, padding: (kernel - 1) / 2, hasBias: true }),
    );
  const y = conv("squeeze", x, squeezed, 1);
  return fire.concat(conv("expand1x1", y, expanded, 1), conv("expand3x3", y, expanded, 3));
};

const drawSqueezenet = ({ g, classes, width }: Canvas): ValueId => {
  const features = g.within("features");
  const addPool = (x: ValueId) => features.maxPool(x, { kernel: 3, stride: 2, roundsUp: true });
  const filters = scaleChannels(STEM, width);
  const stem = { filters, kernel: 3, stride: 2, hasBias: true };
  let x = addPool(features.relu(features.conv("0", g.images, stem)));
  for (const [index, layer] of LAYERS.entries()) {
    if (layer === "pool") x = addPool(x);
    else {
      const [squeezed, expanded] = layer.map((channels) => scaleChannels(channels, width));
      x = addFire(features.within(String(index + 3)), x, squeezed as number, expanded as number);
    }
  }
  const classifier = g.within("classifier");
  const last = { filters: classes, kernel: 1, hasBias: true };
  x = classifier.relu(classifier.conv("1", classifier.dropout(x, 0.5), last));
  return classifier.globalPool(x);
};

export const squeezenets = {
  squeezenet1_1: defineArchitecture(
    {
      name: "squeezenet1_1",
      imageSide: 224,
      source: "Iandola et al. 2016, arXiv 1602.07360; torchvision squeezenet1_1",
      preprocessing: IMAGENET_PREPROCESSING,
      weights: torchvisionWeights("squeezenet1_1", "b8a52dc0", 5),
    },
    drawSqueezenet,
  ),
} as const;
