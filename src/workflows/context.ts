import type { WorkflowEvent } from "./events.js";

/** The world as a workflow sees it, handed in by its caller. */
export interface WorkflowContext {
  /** Aborted when the caller asks to stop; a workflow then ends in good order. */
  readonly signal: AbortSignal;
  /** Milliseconds from any fixed moment. */
  readonly now: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives what happens while the workflow runs. */
  readonly onEvent: (event: WorkflowEvent) => void;
}
