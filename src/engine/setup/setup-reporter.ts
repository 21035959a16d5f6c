/** How far one step of the set-up has come. */
export interface SetupProgress {
  /** What is done, as "Downloading TensorFlow". */
  readonly step: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Hears what the set-up does. */
export interface SetupReporter {
  /** A line for the user. */
  readonly notify: (line: string) => void;
  /** Called often during long steps; the last call of a step has `doneBytes === totalBytes`. */
  readonly progress: (progress: SetupProgress) => void;
}

const MB = 1e6;

/** Shows progress as a line at every tenth of the way, for output that is no terminal. */
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
    notify(`${step}: ${tenth * 10} % (${done} of ${Math.round(totalBytes / MB)} MB)`);
  };
};
