import { chosenClasses } from "../base/chosen-classes.js";
import type { Tensor2D } from "../tensor/tf.js";

/** How many rows of logits [n, classes] choose their label's class. */
export const countHits = (logits: Tensor2D, labels: Int32Array): number =>
  chosenClasses(logits.dataSync(), logits.shape[1]).filter((chosen, row) => chosen === labels[row])
    .length;
