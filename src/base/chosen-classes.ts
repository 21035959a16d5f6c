/** The class that each row of logits [n, classes] chooses: its largest, the first of equals. */
export const chosenClasses = (logits: ArrayLike<number>, classes: number): Int32Array =>
  Int32Array.from({ length: logits.length / classes }, (_, row) => {
    const start = row * classes;
    let best = start;
    for (let at = start + 1; at < start + classes; at++) {
      if ((logits[at] as number) > (logits[best] as number)) best = at;
    }
    return best - start;
  });
