import type { Tensor2D } from "../core/tf.js";

/** How many rows of logits [n, classes] are largest at their label's class; the first of equals counts. */
export const countHits = (logits: Tensor2D, labels: Int32Array): number => {
  const values = logits.dataSync();
  const classes = logits.shape[1];
  let hits = 0;
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let at = 1; at < classes; at++) {
      if ((values[row * classes + at] as number) > (values[row * classes + best] as number))
        best = at;
    }
    if (best === labels[row]) hits++;
  }
  return hits;
};
