/** One level of a detector's pyramid: maps of `height` x `width` positions, `stride` pixels of the image apart. */
export interface BoxLevel {
  readonly height: number;
  readonly width: number;
  readonly stride: number;
  /** Where its values start in the output of an image. */
  readonly start: number;
}

/**
 * How the output of a detector describes boxes. The values of an image are those of its levels one after the other. A level has
 * 5 + classes channels, and each is a map, row by row: the offset of the box's center from the middle of the position, x and y,
 * in strides; the logarithms of its width and height in strides; the logit that there is an object; and the logit of each
 * class, given an object (Ge et al. 2021, "YOLOX: Exceeding YOLO Series in 2021", section 2.1).
 */
export interface BoxLayout {
  readonly levels: readonly BoxLevel[];
  readonly classes: number;
  /** Values per image. */
  readonly size: number;
}

/** Channels before those of the classes: center, size and objectness. */
export const BOX_CHANNELS = 5;

/** The channel of the logit that there is an object. */
export const OBJECT_CHANNEL = 4;

/** A position of a level, which describes one box. */
export interface BoxPlace {
  readonly level: BoxLevel;
  /** Index of its first channel among the values of an image. */
  readonly at: number;
  /** Values from one channel to the next. */
  readonly step: number;
  /** Its middle, in pixels of the image. */
  readonly x: number;
  readonly y: number;
}

const placesByLayout = new WeakMap<BoxLayout, readonly BoxPlace[]>();

/** All positions of a layout, level by level and row by row. */
export const boxPlaces = (layout: BoxLayout): readonly BoxPlace[] => {
  const known = placesByLayout.get(layout);
  if (known) return known;
  const places = layout.levels.flatMap((level) => {
    const { height, width, stride, start } = level;
    const step = height * width;
    return Array.from({ length: step }, (_, index): BoxPlace => {
      const [row, column] = [Math.floor(index / width), index % width];
      const [x, y] = [(column + 0.5) * stride, (row + 0.5) * stride];
      return { level, at: start + index, step, x, y };
    });
  });
  placesByLayout.set(layout, places);
  return places;
};

/** Larger logarithms of sides are cut off, so that no side is infinite. */
const MAX_LOG_SIDE = 10;

/** The box that the values of a place describe; `values` are those of one image. */
export const boxAt = (values: Float32Array, { level: { stride }, at, step, x, y }: BoxPlace) => {
  const value = (channel: number): number => values[at + channel * step] as number;
  const side = (channel: number): number =>
    stride * Math.exp(Math.min(value(channel), MAX_LOG_SIDE));
  const [width, height] = [side(2), side(3)];
  const [centerX, centerY] = [x + stride * value(0), y + stride * value(1)];
  return { left: centerX - width / 2, top: centerY - height / 2, width, height };
};
