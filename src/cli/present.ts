import type { WorkflowContext } from "../workflows/context.js";
import type { WorkflowEvent } from "../workflows/events.js";
import type { CommandContext } from "./command.js";

/** Prints the events and the result of a workflow. */
export interface Presenter<R> {
  readonly event: (event: WorkflowEvent) => void;
  readonly result: (result: R) => void;
  /** The error to report in place of one that the workflow threw. */
  readonly failure?: (error: unknown) => unknown;
  /** Restores the terminal; call it in any case. */
  readonly close: () => void;
}

/** Runs a workflow and prints its events and result. */
export const present = async <R>(
  workflow: (context: WorkflowContext) => Promise<R>,
  presenter: Presenter<R>,
  { env, now, signal }: Pick<CommandContext, "env" | "now" | "signal">,
): Promise<void> => {
  try {
    presenter.result(await workflow({ env, now, signal, onEvent: presenter.event }));
  } catch (error) {
    throw presenter.failure ? presenter.failure(error) : error;
  } finally {
    presenter.close();
  }
};
