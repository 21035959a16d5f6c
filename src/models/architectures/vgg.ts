import { usageError } from "../../base/errors.js";
import type { ValueId } from "../../graph/graph.js";
import { convNorm } from "./conv-norm.js";
import { type Canvas, defineArchitecture } from "./define-architecture.js";
import { IMAGENET_PREPROCESSING } from "./preprocessing.js";
import { torchvisionWeights } from "./published-weights.js";
import { scaleChannels } from "./scale-channels.js";

const WIDTHS = [64, 128, 256, 512, 512];
const HIDDEN = 4096;
/** Sides of the maps that torchvision's classifier takes. */
const CLASSIFIED_SIDE = 7;

/** Convolutions of each of the five stages (Simonyan & Zisserman 2014, table 1: A, B, D, E). */
const DEPTHS = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
} as const;

/** Five stages of 3x3 convolutions with norms, each followed by a pool that halves the sides. */
const addFeatures = ({ g, width }: Canvas, depths: readonly number[]): ValueId => {
  const features = g.within("features");
  let x = g.images;
  let index = 0;
  for (const [stage, depth] of depths.entries()) {
    for (let conv = 0; conv < depth; conv++) {
      const filters = scaleChannels(WIDTHS[stage] as number, width);
      const norm = convNorm(features, x, {
        names: [String(index), String(index + 1)],
        conv: { filters, kernel: 3, padding: 1, hasBias: true },
      });
      x = features.relu(norm);
      index += 3;
    }
    x = features.maxPool(x, { kernel: 2 });
    index++;
  }
  return x;
};

/**
 * Maps of 7x7, as torchvision's adaptive average pool makes them of maps whose sides are multiples of 7, or of a single
 * position, which is repeated.
 */
const toClassifiedMaps = ({ g }: Canvas, x: ValueId): ValueId => {
  const [height = 0, width = 0] = g.shapeOf(x);
  if (height === 1 && width === 1)
    return g.resize(x, { height: CLASSIFIED_SIDE, width: CLASSIFIED_SIDE });
  if (height % CLASSIFIED_SIDE !== 0 || width % CLASSIFIED_SIDE !== 0) {
    throw usageError(
      `The last feature maps of these images are ${height}x${width}; the classifier of this VGG takes multiples of 7x7, or 1x1.`,
      "Use images whose sides are multiples of 224, or from 32 to 63 pixels.",
    );
  }
  const kernel = [height / CLASSIFIED_SIDE, width / CLASSIFIED_SIDE] as const;
  return kernel[0] === 1 && kernel[1] === 1 ? x : g.averagePool(x, { kernel });
};

/** Two hidden layers with dropout, and the last layer. */
const addClassifier = (canvas: Canvas, maps: ValueId): ValueId => {
  const { g, classes, width } = canvas;
  const classifier = g.within("classifier");
  let x = classifier.flatten(toClassifiedMaps(canvas, maps));
  for (const index of [0, 3]) {
    const features = scaleChannels(HIDDEN, width);
    x = classifier.relu(classifier.dense(String(index), x, { features, hasBias: true }));
    x = classifier.dropout(x, 0.5);
  }
  return classifier.dense("6", x, { features: classes, hasBias: true });
};

const PAPER = "Simonyan & Zisserman 2014, arXiv 1409.1556, with batch norms";

type Depth = keyof typeof DEPTHS;

const vggOf = (depth: Depth, sha256: string, megabytes: number) =>
  defineArchitecture(
    {
      name: `vgg${depth}_bn`,
      imageSide: 224,
      source: `${PAPER}; torchvision vgg${depth}_bn`,
      preprocessing: IMAGENET_PREPROCESSING,
      weights: torchvisionWeights(`vgg${depth}_bn`, sha256, megabytes),
    },
    (canvas) => addClassifier(canvas, addFeatures(canvas, DEPTHS[depth])),
  );

/** The form for CIFAR: one dense layer after the mean over all positions, which is a single one for 32x32 pixels. */
const cifarVggOf = (depth: Depth) =>
  defineArchitecture(
    {
      name: `vgg${depth}_cifar`,
      imageSide: 32,
      source: `${PAPER}; kuangliu/pytorch-cifar VGG${depth}`,
    },
    (canvas) => {
      const x = canvas.g.globalPool(addFeatures(canvas, DEPTHS[depth]));
      return canvas.g.dense("classifier", x, { features: canvas.classes, hasBias: true });
    },
  );

export const vggs = {
  vgg11_cifar: cifarVggOf(11),
  vgg13_cifar: cifarVggOf(13),
  vgg16_cifar: cifarVggOf(16),
  vgg19_cifar: cifarVggOf(19),
  vgg11_bn: vggOf(11, "6002323d", 531.5),
  vgg13_bn: vggOf(13, "abd245e5", 532.2),
  vgg16_bn: vggOf(16, "6c64b313", 553.5),
  vgg19_bn: vggOf(19, "c79401a0", 574.8),
} as const;
