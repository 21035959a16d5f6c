import { QpruneError } from "../../base/errors.js";
import type { LabeledBox } from "../../boxes/box.js";
import { createImageSet } from "../create-image-set.js";
import type { DataSetInfo, ImageSet } from "../data-set.js";
import { DIGITS_FOLDER, DIGITS_INFO, readDigits } from "../digits.js";
import { digitShapes } from "./digit-shapes.js";
import { drawScene, SCENE_SIDE } from "./draw-scene.js";

/** Scenes of the parts; those of a limit are the first ones. */
const SCENES = { train: 4000, t10k: 1000 } as const;

/** Keys of the parts' draws. */
const PART = { train: 0, t10k: 1 } as const;

/** Smaller scenes have no room for the digits. */
const LEAST_SIDE = 64;

/** Scenes with digits for detectors, drawn from the digits that ship with the package. */
export const digitsDetectionInfo = (side: number = SCENE_SIDE): DataSetInfo => ({
  name: "digits-detection",
  channels: 3,
  height: side,
  width: side,
  // Measured over all pixels of the training scenes.
  mean: [0.29, 0.29, 0.29],
  std: [0.165, 0.165, 0.165],
  hasBoxes: true,
  augmentation: { cropPadding: 8, mirror: false },
  classNames: DIGITS_INFO.classNames,
});

/** Which scenes are drawn. */
export interface DrawnScenes {
  readonly part: "train" | "t10k";
  /** Scenes at most, the first ones. */
  readonly limit: number;
  /** Pixels. */
  readonly side: number;
  /** The indices of the scenes that will be used, of so many; the others remain black and without objects. Default: all. */
  readonly used?: ((count: number) => Uint32Array) | undefined;
}

/**
 * Draws the scenes of a part from the digits of the same part.
 * @throws QpruneError (usage) for sides below 64, and for missing or damaged files of digits.
 */
export const drawDigitsDetection = async ({
  part,
  limit,
  side,
  used,
}: DrawnScenes): Promise<ImageSet> => {
  if (side < LEAST_SIDE) {
    throw new QpruneError(
      `Scenes of digits have at least ${LEAST_SIDE}x${LEAST_SIDE} pixels, not ${side}x${side}.`,
      {
        kind: "usage",
        hint: `Choose images of ${SCENE_SIDE} or 128 pixels.`,
      },
    );
  }
  const shapes = digitShapes(await readDigits(DIGITS_FOLDER, part, Number.POSITIVE_INFINITY));
  const imageBytes = side * side * 3;
  const set = createImageSet(Math.min(SCENES[part], limit), imageBytes);
  const boxes: (readonly LabeledBox[])[] = Array.from({ length: set.count }, () => []);
  const scenes = used?.(set.count) ?? Uint32Array.from(boxes.keys());
  for (const scene of scenes) {
    const out = set.images.subarray(scene * imageBytes, (scene + 1) * imageBytes);
    boxes[scene] = drawScene(shapes, side, out, PART[part], scene);
  }
  return { ...set, boxes };
};
