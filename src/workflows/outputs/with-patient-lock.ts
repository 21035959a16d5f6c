import type { QpruneError } from "../../base/errors.js";
import { holderName, type LockHolder } from "../../files/lock-watch.js";
import { withProcessLock } from "../../files/process-lock.js";
import type { WorkflowContext } from "../context.js";

/** A run that was just killed may need this long to be gone. */
const PATIENCE_MS = 3_000;

/**
 * Runs `action` while this process alone holds the lock file `path`. A holder that cannot be seen from here is reported
 * and waited for until it shows whether it lives.
 * @throws what `refusal` makes of the name of another run that holds it and is alive.
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
