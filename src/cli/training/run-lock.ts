import { QpruneError } from "../../core/errors.js";
import { withProcessLock } from "../../files/process-lock.js";

/** A run that was just killed may need this long to be gone. */
const PATIENCE_MS = 3_000;

/**
 * Runs `action` while this process alone may write the training state `path` and the model beside it.
 * @throws QpruneError where another run that is alive writes them.
 */
export const withRunLock = async <T>(path: string, action: () => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  let patience: NodeJS.Timeout | undefined;
  const onWait = (pid: number): void => {
    const refusal = new QpruneError(
      `Another run (process ${pid}) is writing ${path} and the model beside it.`,
      {
        kind: "usage",
        hint: "Wait for it, or give this run another name with --save.",
      },
    );
    patience = setTimeout(() => controller.abort(refusal), PATIENCE_MS);
  };
  const run = (): Promise<T> => {
    clearTimeout(patience);
    return action();
  };
  return withProcessLock(`${path}.lock`, run, { onWait, signal: controller.signal });
};
