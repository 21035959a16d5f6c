import { usageError } from "../../../base/errors.js";
import { BOX_CHANNELS } from "../../../boxes/box-layout.js";
import type { ValueId } from "../../../graph/graph.js";
import { createGraphBuilder, type GraphBuilder } from "../../../graph/graph-builder.js";
import { convNorm } from "../conv-norm.js";
import type { ArchitectureOptions, DefinedArchitecture } from "../define-architecture.js";
import { scaleChannels } from "../scale-channels.js";
import { backboneOf } from "./backbone.js";
import { HEAD_LAYERS } from "./head-layers.js";

/** The levels of the pyramid. */
const STRIDES = [8, 16, 32] as const;

/** Channels of the pyramid and of the head. */
const CHANNELS = 64;
const MULTIPLE = 8;

/** Two 3x3 convolutions, of which one leads to the boxes and the other to the classes (Ge et al. 2021, figure 2). */
export const addHead = (
  g: GraphBuilder,
  x: ValueId,
  { filters, classes }: { readonly filters: number; readonly classes: number },
): ValueId => {
  const branch = (layer: keyof typeof HEAD_LAYERS, outputs: number): ValueId => {
    const [module, out] = HEAD_LAYERS[layer].split(".") as [string, string];
    const own = g.within(module);
    const conv = { filters, kernel: 3, padding: 1 };
    const maps = own.relu(convNorm(own, x, { names: ["conv", "bn"], conv }));
    return own.conv(out, maps, { filters: outputs, kernel: 1, hasBias: true });
  };
  return g.flatten(g.concat(branch("boxes", BOX_CHANNELS), branch("classes", classes)));
};

/** Maps of each stride: those of the backbone, and below them others by 3x3 convolutions that move by two pixels. */
const deepFeatures = (
  g: GraphBuilder,
  features: ReadonlyMap<number, ValueId>,
  filters: number,
): readonly ValueId[] => {
  let last: ValueId | undefined;
  return STRIDES.map((stride) => {
    const own = features.get(stride);
    if (own === undefined && last === undefined)
      throw new Error(`the backbone has no maps of stride ${stride}`);
    if (own !== undefined) last = own;
    else {
      const extra = g.within(`extra.${stride}`);
      const conv = { filters, kernel: 3, stride: 2, padding: 1 };
      last = extra.relu(convNorm(extra, last as ValueId, { names: ["conv", "bn"], conv }));
    }
    return last as ValueId;
  });
};

/** A pyramid from top to bottom: maps of each level plus the enlarged ones of the next (Lin et al. 2017, figure 3). */
const addPyramid = (g: GraphBuilder, features: readonly ValueId[], filters: number): ValueId[] => {
  const levels: ValueId[] = [];
  for (const [index, x] of [...features.entries()].reverse()) {
    const own = g.within(`pyramid.${index}`);
    const lateral = convNorm(own, x, { names: ["conv", "bn"], conv: { filters, kernel: 1 } });
    const [above] = levels;
    const [height = 0, width = 0] = g.shapeOf(lateral);
    const sum = above ? own.add(lateral, own.resize(above, { height, width })) : lateral;
    levels.unshift(own.relu(sum));
  }
  return levels;
};

const checkSides = (name: string, { image }: ArchitectureOptions, stride: number): void => {
  const { height, width } = image;
  if (height % stride === 0 && width % stride === 0) return;
  throw usageError(
    `${name} does not fit images of ${height}x${width}: their sides need to be multiples of ${stride}.`,
    "Choose another size of the images.",
  );
};

/**
 * A single-stage detector without anchors on the backbone of a classifier: a pyramid of three levels, and a head per level with
 * separate convolutions for boxes and classes (Ge et al. 2021, "YOLOX: Exceeding YOLO Series in 2021").
 */
export const detectorOn = (backbone: DefinedArchitecture, of: string): DefinedArchitecture => {
  const name = `detector_${of}`;
  return {
    imageSide: 96,
    source: `Ge et al. 2021, arXiv 2107.08430 (head), Lin et al. 2017, arXiv 1612.03144 (pyramid), on ${backbone.source}`,
    build: (options) => {
      const { classes, image, width = 1 } = options;
      checkSides(name, options, STRIDES[STRIDES.length - 1] as number);
      const { nodes, features } = backboneOf(backbone, options, STRIDES);
      const g = createGraphBuilder(image, {
        where: `${name} for images of ${image.height}x${image.width}`,
        error: { kind: "usage", hint: "Use images of another size or a smaller width." },
        start: nodes,
      });
      const filters = scaleChannels(CHANNELS, width, MULTIPLE);
      const levels = addPyramid(g, deepFeatures(g, features, filters), filters);
      const heads = levels.map((x, index) =>
        addHead(g.within(`head.${index}`), x, { filters, classes }),
      );
      return g.finish(g.concat(...heads), { strides: STRIDES });
    },
  };
};
