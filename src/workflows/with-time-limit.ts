import { TimeLimitReached } from "../base/time-limit-reached.js";
import type { WorkflowContext } from "./context.js";

/**
 * Runs `action` with a signal that is aborted when that of the context is, or after `seconds`, with the reason
 * TimeLimitReached. Without `seconds` there is no limit.
 */
export const withTimeLimit = async <C extends Pick<WorkflowContext, "signal">, R>(
  context: C,
  seconds: number | undefined,
  action: (limited: C) => Promise<R>,
): Promise<R> => {
  if (seconds === undefined) return action(context);
  const { signal } = context;
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(() => controller.abort(new TimeLimitReached()), 1000 * seconds);
  try {
    return await action({ ...context, signal: controller.signal });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
};
