import type { LabeledBox } from "../../boxes/box.js";
import { drawMosaic, type MosaicTile } from "../augmentation/mosaic.js";

import { drawAugmentation } from "./augmentation.js";
import type { BatchJob, BatchSource } from "./batch-preparer.js";
import { drawResizedCrop, middleSquare } from "./resized-crop.js";

/** An object is dropped if a smaller share of its box remains inside the image. */
const LEAST_VISIBLE = 0.3;

/** How a coordinate changes along an axis: position * factor + shift. */
interface Shifted {
  readonly factor: number;
  readonly shift: number;
}

const IDENTITY: Shifted = { factor: 1, shift: 0 };

/** A rectangle with edges. */
interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A box cut to a frame; none if too little of it remains. */
const cutTo = (box: LabeledBox, frame: Frame): LabeledBox[] => {
  const left = Math.max(box.left, frame.left);
  const top = Math.max(box.top, frame.top);
  const width = Math.min(box.left + box.width, frame.left + frame.width) - left;
  const height = Math.min(box.top + box.height, frame.top + frame.height) - top;
  const share = (width * height) / (box.width * box.height);
  if (width <= 0 || height <= 0 || share < LEAST_VISIBLE) return [];
  return share === 1 ? [box] : [{ ...box, left, top, width, height }];
};

const moved = (box: LabeledBox, x: Shifted, y: Shifted): LabeledBox => {
  const { area, ...rest } = box;
  return {
    ...rest,
    left: box.left * x.factor + x.shift,
    top: box.top * y.factor + y.shift,
    width: box.width * x.factor,
    height: box.height * y.factor,
    ...(area !== undefined && { area: area * x.factor * y.factor }),
  };
};

const mirrored = (box: LabeledBox, width: number): LabeledBox => ({
  ...box,
  left: width - box.left - box.width,
});

type Prepare = (boxes: readonly LabeledBox[], epoch: number, sample: number) => LabeledBox[];

/** The region of the stored image that is stretched to the full size, as a change of coordinates. */
const regionOf = (
  { squeezed, info, mode, seed }: BatchSource,
  epoch: number,
  sample: number,
): { readonly x: Shifted; readonly y: Shifted } => {
  if (!squeezed) return { x: IDENTITY, y: IDENTITY };
  const { resizedCrop } = info.augmentation;
  const ratio = squeezed.ratios[sample] as number;
  const { left, top, width, height } =
    mode === "train" && resizedCrop
      ? drawResizedCrop(resizedCrop, ratio, seed, epoch, sample)
      : middleSquare(ratio);
  return {
    x: { factor: 1 / width, shift: (-left / width) * info.width },
    y: { factor: 1 / height, shift: (-top / height) * info.height },
  };
};

/** The crop and the mirroring of an image by the draws that its pixels get. */
const prepareOne =
  (source: BatchSource): Prepare =>
  (boxes, epoch, sample) => {
    const { info, mode, seed, squeezed } = source;
    const { height, width } = info;
    const frame = { left: 0, top: 0, height, width };
    const { x, y } = regionOf(source, epoch, sample);
    const isTrained = mode === "train";
    const { rowShift, columnShift, isMirrored } = isTrained
      ? drawAugmentation(info.augmentation, seed, epoch, sample)
      : { rowShift: 0, columnShift: 0, isMirrored: false };
    // A squeezed image has a region instead of a crop.
    const [right, down] = squeezed ? [0, 0] : [columnShift, rowShift];
    return boxes
      .map((box) => moved(box, x, y))
      .map((box) => moved(box, { factor: 1, shift: -right }, { factor: 1, shift: -down }))
      .map((box) => (isMirrored ? mirrored(box, width) : box))
      .flatMap((box) => (isTrained ? cutTo(box, frame) : [box]));
  };

const inTile = (box: LabeledBox, tile: MosaicTile): LabeledBox[] =>
  cutTo(
    moved(
      box,
      { factor: 1, shift: tile.left - tile.fromLeft },
      { factor: 1, shift: tile.top - tile.fromTop },
    ),
    tile,
  );

/**
 * Returns a function that gives the objects of a batch as its prepared images show them: the boxes follow crops, mirroring, resized
 * crops and mosaics, and are cut at the edges; an object of whose box less than 0.3 remains is dropped.
 */
export const boxPreparer = (source: BatchSource, boxes: readonly (readonly LabeledBox[])[]) => {
  const { info, seed, mode, strong } = source;
  const prepare = prepareOne(source);
  const own = (epoch: number, sample: number): LabeledBox[] =>
    prepare(boxes[sample] ?? [], epoch, sample);
  const mosaic = mode === "train" ? strong?.mosaic : undefined;
  const boxesOf = (epoch: number, sample: number, isWeak: boolean): LabeledBox[] => {
    const tiles =
      mosaic === undefined || isWeak
        ? undefined
        : drawMosaic(mosaic, info, boxes.length, seed, epoch, sample);
    if (!tiles) return own(epoch, sample);
    return tiles.flatMap((tile) => own(epoch, tile.sample).flatMap((box) => inTile(box, tile)));
  };
  return ({ epoch, samples, isWeak }: BatchJob): LabeledBox[][] =>
    Array.from(samples, (sample) => boxesOf(epoch, sample, isWeak));
};

/** The objects of images that are scaled to other sides. */
export const scaledBoxes = (
  boxes: readonly (readonly LabeledBox[])[],
  factor: number,
): readonly (readonly LabeledBox[])[] => {
  const scale = { factor, shift: 0 };
  return boxes.map((each) => each.map((box) => moved(box, scale, scale)));
};
