import type { WorkflowEvent } from "../workflows/events.js";
import type { Decision } from "./running/decide-stage.js";
import type { StageCall, StageResult } from "./running/stage-call.js";
import type { Recipe, Stage } from "./stages/stage.js";

/** What a recipe reports: which stage runs or is kept, and in between what the workflow of the stage reports. */
export type RecipeEvent =
  | WorkflowEvent
  /** A stage is done and unchanged. */
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

/** The world as a recipe sees it. */
export interface RecipeContext {
  readonly signal: AbortSignal;
  /** Milliseconds from any fixed moment. */
  readonly now: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent: (event: RecipeEvent) => void;
}
