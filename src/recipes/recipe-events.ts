import type { WorkflowEvent } from "../workflows/events.js";
import type { Decision } from "./running/decide-stage.js";
import type { StageCall, StageResult } from "./running/stage-call.js";
import type { Recipe, Stage } from "./stages/stage.js";

/** Progress of a recipe: which stage runs or is kept, and the events of the workflow that the stage runs. */
export type RecipeEvent =
  | WorkflowEvent
  /** A stage is finished and unchanged, so it does not run again. */
  | {
      readonly kind: "stage-kept";
      readonly recipe: Recipe;
      readonly stage: Stage;
      readonly decision: Decision;
    }
  | {
      readonly kind: "stage-started";
      readonly recipe: Recipe;
      readonly stage: Stage;
      readonly decision: Decision;
      readonly call: StageCall;
      /** The stage as a command line, without the leading `qprune`. */
      readonly argv: readonly string[];
    }
  | { readonly kind: "stage-finished"; readonly stage: Stage; readonly result: StageResult };

/** The environment that a recipe runs in. */
export interface RecipeContext {
  readonly signal: AbortSignal;
  /** Milliseconds since an arbitrary fixed time. */
  readonly now: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent: (event: RecipeEvent) => void;
}
