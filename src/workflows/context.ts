import type { WorkflowEvent } from "./events.js";

/** The environment of a workflow, passed in by its caller. */
export interface WorkflowContext {
  /** Aborted when the caller asks to stop; the workflow then saves its state and ends. */
  readonly signal: AbortSignal;
  /** Milliseconds since an arbitrary fixed time. */
  readonly now: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called with the events of the workflow. */
  readonly onEvent: (event: WorkflowEvent) => void;
}
