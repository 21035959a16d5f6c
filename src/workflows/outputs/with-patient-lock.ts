import type { QpruneError } from "../../base/errors.js";
import { holderName, type LockHolder } from "../../files/locks/lock-watch.js";
import { withProcessLock } from "../../files/locks/process-lock.js";
import type { WorkflowContext } from "../context.js";

/** A run that was just killed may take this long to exit. */
const PATIENCE_MS = 3_000;

/**
 * Runs `action` while this process holds the lock file `path`. If it is unknown whether another holder is still running,
 * such as one on another machine, that is reported and awaited.
 * @throws the error that `refusal` creates from the name of the holder if that is still running.
 */
export const withPatientLock = async <T>(
  path: string,
  refusal: (holder: string) => QpruneError,
  action: () => Promise<T>,
  { onEvent, signal }: Pick<WorkflowContext, "onEvent" | "signal">,
): Promise<T> => {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  let patience: NodeJS.Timeout | undefined;
  const onHeld = (holder: LockHolder, state: "alive" | "unknown", longestMs: number): void => {
    clearTimeout(patience);
    if (state === "unknown")
      onEvent({ kind: "waiting-for-lock", path, holder: holderName(holder), longestMs });
    else patience = setTimeout(() => controller.abort(refusal(holderName(holder))), PATIENCE_MS);
  };
  const stopWaiting = (): void => {
    clearTimeout(patience);
    signal.removeEventListener("abort", stop);
  };
  const run = (): Promise<T> => {
    stopWaiting();
    return action();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    return await withProcessLock(path, run, { onHeld, signal: controller.signal });
  } finally {
    stopWaiting();
  }
};
