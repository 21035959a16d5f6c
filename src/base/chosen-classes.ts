/** The predicted class of each row of logits [n, classes]: the index of its largest value, the first one of equals. */
export const chosenClasses = (logits: ArrayLike<number>, classes: number): Int32Array =>
  Int32Array.from({ length: logits.length / classes }, (_, row) => {
    const start = row * classes;
    let best = start;
    for (let index = start + 1; index < start + classes; index++) {
      if ((logits[index] as number) > (logits[best] as number)) best = index;
    }
    return best - start;
  });
