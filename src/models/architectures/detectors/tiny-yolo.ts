import type { ValueId } from "../../../graph/graph.js";
import { createGraphBuilder, type GraphBuilder } from "../../../graph/graph-builder.js";
import { convNorm } from "../conv-norm.js";
import type { DefinedArchitecture } from "../define-architecture.js";
import { scaleChannels } from "../scale-channels.js";
import { addHead } from "./detector.js";

/** Filters of the 3x3 convolutions; each of the first five is followed by a pool. */
const FILTERS = [16, 32, 64, 128, 256, 512, 1024] as const;
const POOLED = 5;
const STRIDE = 2 ** POOLED;
const HEAD = 256;
/** Of the leaky ReLUs. */
const SLOPE = 0.1;
const MULTIPLE = 8;

const addBlock = (g: GraphBuilder, x: ValueId, filters: number): ValueId => {
  const conv = { filters, kernel: 3, padding: 1 };
  const normed = convNorm(g, x, { names: ["conv", "bn"], conv });
  return g.activation(normed, { function: "leakyRelu", slope: SLOPE });
};

/**
 * The chain of Tiny YOLOv2 (Redmon & Farhadi 2016, "YOLO9000", and darknet's yolov2-tiny.cfg) without its pool of stride 1, with a
 * head without anchors in the place of its two last convolutions. It has one level, of stride 32.
 */
export const tinyYolo: DefinedArchitecture = {
  imageSide: 416,
  source: "Redmon & Farhadi 2016, arXiv 1612.08242; darknet yolov2-tiny.cfg",
  build: ({ classes, image, width = 1 }) => {
    const g = createGraphBuilder(image, {
      where: `tiny_yolo_v2 for images of ${image.height}x${image.width}`,
      error: { kind: "usage", hint: "Use larger images, with sides that are multiples of 32." },
    });
    let x: ValueId = g.images;
    for (const [index, filters] of FILTERS.entries()) {
      x = addBlock(g.within(`layers.${index}`), x, scaleChannels(filters, width, MULTIPLE));
      if (index < POOLED) x = g.maxPool(x, { kernel: 2, stride: 2 });
    }
    const filters = scaleChannels(HEAD, width, MULTIPLE);
    return g.finish(addHead(g.within("head.0"), x, { filters, classes }), { strides: [STRIDE] });
  },
};
