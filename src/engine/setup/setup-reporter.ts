/** The progress of one step of the set-up. */
export interface SetupProgress {
  /** The name of the step, such as "Downloading TensorFlow". */
  readonly step: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Receives the progress of the set-up. */
export interface SetupReporter {
  /** A line for the user. */
  readonly notify: (line: string) => void;
  /** Called often during long steps; in the last call of a step, `doneBytes === totalBytes`. */
  readonly progress: (progress: SetupProgress) => void;
}

const MB = 1e6;

/** Reports progress as one line for each tenth of a step, for output that is not a terminal. */
export const progressLines = (
  notify: (line: string) => void,
): ((progress: SetupProgress) => void) => {
  let shownStep = "";
  let shownTenth = 0;
  return ({ step, doneBytes, totalBytes }) => {
    if (step !== shownStep) {
      shownStep = step;
      shownTenth = 0;
    }
    const tenth = Math.floor((10 * doneBytes) / totalBytes);
    if (tenth <= shownTenth) return;
    shownTenth = tenth;
    const done = Math.round(doneBytes / MB);
    notify(`${step}: ${tenth * 10}% (${done} of ${Math.round(totalBytes / MB)} MB)`);
  };
};
