import { isIgnored, type LabeledBox } from "../../../boxes/box.js";
import {
  BOX_CHANNELS,
  type BoxLayout,
  type BoxPlace,
  boxPlaces,
  OBJECT_CHANNEL,
} from "../../../boxes/box-layout.js";
import { type Tensor2D, tf } from "../../../tensor/tf.js";
import type { Loss } from "../loss.js";
import { type Assignment, assignObjects } from "./assign-objects.js";
import { generalizedOverlap } from "./generalized-overlap.js";

/** The weight of boxes in the loss, compared with objectness and classes. */
const BOX_WEIGHT = 5;

const probability = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** The cross-entropy of a logit with a probability, in a form that never takes the logarithm of 0. */
const crossEntropy = (logit: number, target: number): number =>
  Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));

/** What the places of an image are trained toward; a target of an assigned class is the overlap. */
interface ImageTargets {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly assigned: ReadonlyMap<BoxPlace, Assignment>;
  /** Crowds and difficult objects: places in them may find them or not. */
  readonly ignored: readonly LabeledBox[];
}

const isInside = ({ x, y }: BoxPlace, boxes: readonly LabeledBox[]): boolean =>
  boxes.some(
    ({ left, top, width, height }) => x > left && x < left + width && y > top && y < top + height,
  );

/** Adds the loss of a box and its gradient: the derivative of a side by its logarithm is the side. */
const addBoxLoss = ({ place, box, object }: Assignment, gradient: Float32Array): number => {
  const { at, step, level } = place;
  const { value, byX, byY, byWidth, byHeight } = generalizedOverlap(box, object);
  const derivatives = [
    byX * level.stride,
    byY * level.stride,
    byWidth * box.width,
    byHeight * box.height,
  ];
  for (const [channel, derivative] of derivatives.entries())
    gradient[at + channel * step] = -BOX_WEIGHT * derivative;
  return BOX_WEIGHT * (1 - value);
};

const addLogitLoss = (
  { values, gradient }: Pick<ImageTargets, "values" | "gradient">,
  at: number,
  target: number,
): number => {
  const logit = values[at] as number;
  gradient[at] = probability(logit) - target;
  return crossEntropy(logit, target);
};

/** The sum of the losses of an image; its gradient is written to `gradient`. */
const imageLoss = (image: ImageTargets, layout: BoxLayout): number => {
  const { gradient, assigned, ignored } = image;
  let loss = 0;
  for (const place of boxPlaces(layout)) {
    const { at, step } = place;
    const assignment = assigned.get(place);
    if (!assignment && isInside(place, ignored)) continue;
    loss += addLogitLoss(image, at + OBJECT_CHANNEL * step, assignment ? 1 : 0);
    if (!assignment) continue;
    loss += addBoxLoss(assignment, gradient);
    for (let label = 0; label < layout.classes; label++) {
      const target = label === assignment.object.label ? assignment.overlap : 0;
      loss += addLogitLoss(image, at + (BOX_CHANNELS + label) * step, target);
    }
  }
  return loss;
};

/**
 * The loss of a detector's output for images and their objects, and its gradient: the sum over all places of the cross-entropy of
 * their objectness, and over the places that are assigned to objects (see assignObjects) of 5 (1 - generalized overlap) and the
 * cross-entropy of the classes with the overlap as the target, divided by the number of these places (Ge et al. 2021, "YOLOX").
 * The assignment and the overlaps that are targets count as constants.
 * @param outputs [n, layout.size] of n images
 */
export const detectionLossOf = (
  outputs: Float32Array,
  layout: BoxLayout,
  objects: readonly (readonly LabeledBox[])[],
): { readonly loss: number; readonly gradient: Float32Array } => {
  const { size } = layout;
  const gradient = new Float32Array(outputs.length);
  let [loss, places] = [0, 0];
  for (const [index, boxes] of objects.entries()) {
    const values = outputs.subarray(index * size, (index + 1) * size);
    const assignments = assignObjects(values, layout, boxes);
    places += assignments.length;
    const image = {
      values,
      gradient: gradient.subarray(index * size, (index + 1) * size),
      assigned: new Map(assignments.map((each) => [each.place, each])),
      ignored: boxes.filter(isIgnored),
    };
    loss += imageLoss(image, layout);
  }
  const scale = 1 / Math.max(1, places);
  return { loss: loss * scale, gradient: gradient.map((value) => value * scale) };
};

/** The loss of a detector, whose logits are boxes (see detectionLossOf). */
export const detectionLoss =
  (layout: BoxLayout): Loss =>
  ({ logits, batch }) => {
    // The executor may compute asynchronously; the assignment needs the values.
    const { loss, gradient } = detectionLossOf(
      logits.dataSync() as Float32Array,
      layout,
      batch.boxes ?? [],
    );
    return { loss: tf.scalar(loss), dLogits: tf.tensor2d(gradient, logits.shape) as Tensor2D };
  };
