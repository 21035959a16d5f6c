import type { QpruneError } from "../../core/errors.js";
import { withProcessLock } from "../../files/process-lock.js";

/** A run that was just killed may need this long to be gone. */
const PATIENCE_MS = 3_000;

/**
 * Runs `action` while this process alone holds the lock file `path`.
 * @throws what `refusal` makes of the process id of another run that holds it and is alive.
 */
export const withPatientLock = async <T>(
  path: string,
  refusal: (pid: number) => QpruneError,
  action: () => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  let patience: NodeJS.Timeout | undefined;
  const onWait = (pid: number): void => {
    patience = setTimeout(() => controller.abort(refusal(pid)), PATIENCE_MS);
  };
  const run = (): Promise<T> => {
    clearTimeout(patience);
    return action();
  };
  return withProcessLock(path, run, { onWait, signal: controller.signal });
};
