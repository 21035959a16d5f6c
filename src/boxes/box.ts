/** A rectangle in an image, in pixels from its upper left corner; edges may lie between pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An object in an image, as annotated. */
export interface LabeledBox extends Box {
  /** Index into the class names. */
  readonly label: number;
  /** A group of objects that are not told apart: finding it once or often is neither right nor wrong (COCO's iscrowd). */
  readonly isCrowd?: boolean;
  /** An object that is hard to recognize: finding it is neither right nor wrong (Pascal VOC's difficult). */
  readonly isDifficult?: boolean;
  /** Pixels of the object itself, which may be fewer than those of its box; those of the box if absent. */
  readonly area?: number;
}

/** Whether finding an object is neither right nor wrong, and so nothing is trained to find it. */
export const isIgnored = ({ isCrowd, isDifficult }: LabeledBox): boolean =>
  isCrowd === true || isDifficult === true;

/** An object that a net found. */
export interface FoundBox extends Box {
  readonly label: number;
  /** From 0 to 1. */
  readonly score: number;
}

export const boxArea = ({ width, height }: Box): number => width * height;

/** The area that two boxes share. */
export const sharedArea = (a: Box, b: Box): number => {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return width <= 0 || height <= 0 ? 0 : width * height;
};

/** Intersection over union, 0 to 1 (Jaccard index). */
export const overlap = (a: Box, b: Box): number => {
  const shared = sharedArea(a, b);
  return shared === 0 ? 0 : shared / (boxArea(a) + boxArea(b) - shared);
};
