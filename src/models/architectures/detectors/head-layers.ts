import { BOX_CHANNELS, OBJECT_CHANNEL } from "../../../boxes/box-layout.js";

/** The layers of a detector's head that compute boxes with their objectness, and classes. */
export const HEAD_LAYERS = { boxes: "boxes.out", classes: "classes.out" } as const;

/** The modules of a detector that are not its backbone. */
const OWN_MODULES: ReadonlySet<string> = new Set(["extra", "pyramid", "head"]);

/** Whether a tensor belongs to a detector itself, and not to the classifier on which it is built. */
export const isOwnTensor = (name: string): boolean =>
  OWN_MODULES.has(name.slice(0, name.indexOf(".")));

export const isClassLayer = (name: string): boolean => name.endsWith(`.${HEAD_LAYERS.classes}`);

const isBoxLayer = (name: string): boolean => name.endsWith(`.${HEAD_LAYERS.boxes}`);

/** The probability of an object, and of each class, with which training starts. */
const PRIOR = 0.01;

/**
 * The initial bias of a layer: zeros, but the logits of a detector's head start at a small probability, since almost all places
 * show no object (Lin et al. 2017, "Focal Loss for Dense Object Detection", section 3.3).
 */
export const initialBias = (layer: string, size: number): Float32Array => {
  const bias = new Float32Array(size);
  const logit = -Math.log((1 - PRIOR) / PRIOR);
  if (isClassLayer(layer)) bias.fill(logit);
  if (isBoxLayer(layer) && size === BOX_CHANNELS) bias[OBJECT_CHANNEL] = logit;
  return bias;
};
