import { TimeLimitReached } from "../../base/time-limit-reached.js";
import { jsonText } from "../../base/visible-text.js";
import type { runOptions } from "../../options/commands/run-options.js";
import { shellCommand } from "../../options/names/shell-command.js";
import type { RecipeEvent } from "../../recipes/recipe-events.js";
import { type RecipeResult, runRecipe } from "../../recipes/run-recipe.js";
import type {
  StageCall,
  StageResult,
  StageResultOf,
  StageResults,
} from "../../recipes/running/stage-call.js";
import type { Recipe, Stage } from "../../recipes/stages/stage.js";
import type { Call } from "../../workflows/call.js";
import type { WorkflowEvent } from "../../workflows/events.js";
import type { CommandContext } from "../command.js";
import { comparePresenter } from "../comparing/run-compare.js";
import { exportPresenter } from "../exporting/run-export.js";
import { mergePresenter } from "../merging/run-merge.js";
import type { Presenter } from "../present.js";
import { pruningPresenter } from "../pruning/run-pruning.js";
import { ptqPresenter } from "../quantizing/run-ptq.js";
import { sensitivityPresenter } from "../sensitivity/run-sensitivity.js";
import { createEventPrinter } from "../texts/event-printer.js";
import { withResumeHint } from "../training/resume-hint.js";
import { trainingPresenter } from "../training/run-training.js";
import { planJson, planText } from "./plan-text.js";
import { reportText } from "./report-text.js";

/** Prints the workflow of a stage as its command would. The result arrives as an event of the recipe. */
type StagePresenter = Pick<Presenter<unknown>, "event" | "close"> & {
  readonly finished: (result: StageResult) => void;
};

const isOfKind = <K extends keyof StageResults>(
  result: StageResult,
  kind: K,
): result is StageResult & StageResultOf<K> => result.kind === kind;

const forStage = <K extends keyof StageResults>(
  kind: K,
  presenter: Presenter<StageResults[K]>,
): StagePresenter => ({
  event: presenter.event,
  close: presenter.close,
  finished: (ended) => {
    if (isOfKind(ended, kind)) presenter.result(ended.result);
  },
});

const stagePresenter = ({ kind, call }: StageCall, context: CommandContext): StagePresenter => {
  switch (kind) {
    case "train":
      return forStage(kind, trainingPresenter(call, context));
    case "prune":
      return forStage(kind, pruningPresenter(call, context));
    case "merge":
      return forStage(kind, mergePresenter(call, context));
    case "ptq":
      return forStage(kind, ptqPresenter(call, context));
    case "export":
      return forStage(kind, exportPresenter(call, context));
    case "sensitivity":
      return forStage(kind, sensitivityPresenter(call, context));
    case "compare":
      return forStage(kind, comparePresenter(call, context));
  }
};

/** A stage with its position: `[2/5] pruned`. */
const stageLabel = ({ stages }: Recipe, stage: Stage): string =>
  `[${stages.indexOf(stage) + 1}/${stages.length}] ${stage.name}`;

/** Prints the stages of a recipe. Which one runs goes to stderr, so that stdout has only results. */
const stagesPresenter = (context: CommandContext) => {
  const write = (line: string): void => context.stderr.write(`${line}\n`);
  const printer = createEventPrinter(context);
  let stage: StagePresenter | undefined;
  const close = (): void => {
    stage?.close();
    stage = undefined;
  };
  const event = (each: RecipeEvent): void => {
    switch (each.kind) {
      case "stage-kept":
        write(`${stageLabel(each.recipe, each.stage)} is kept: ${each.decision.why}`);
        break;
      case "stage-started":
        write(`${stageLabel(each.recipe, each.stage)}: ${shellCommand(each.argv)}`);
        stage = stagePresenter(each.call, { ...context, isStage: true });
        break;
      case "stage-finished":
        stage?.finished(each.result);
        close();
        break;
      default: {
        const inner: WorkflowEvent = each;
        (stage ?? printer).event(inner);
      }
    }
  };
  return { event, close, isInStage: () => stage !== undefined };
};

const showResult = (
  result: RecipeResult,
  json: boolean,
  ownCall: string,
  context: CommandContext,
) => {
  const { stdout, stderr } = context;
  const { recipe } = result;
  switch (result.kind) {
    case "planned":
      stdout.write(
        json ? `${jsonText(planJson(recipe, result.stages))}\n` : planText(recipe, result.stages),
      );
      return;
    case "stopped":
      stderr.write(`Stopped in ${result.stage}. Resume with: ${ownCall}\n`);
      return;
    case "done":
      stdout.write(
        json
          ? `${jsonText(result.report)}\n`
          : `\n${reportText(result.stages)}Saved ${result.file}\n`,
      );
      return;
  }
};

/** Runs a recipe, or plans a run, and prints the result. With --json, the stages print to stderr. */
export const runRecipeCommand = async (
  call: Call<typeof runOptions>,
  context: CommandContext,
): Promise<void> => {
  const { json } = call.options;
  const ownCall = shellCommand(call.argv);
  const { stderr, env, now, signal } = context;
  const stages = stagesPresenter(json ? { ...context, stdout: stderr } : context);
  try {
    const result = await runRecipe(call, { env, now, signal, onEvent: stages.event });
    showResult(result, json, ownCall, context);
    if (result.kind === "stopped" && !signal.aborted) throw new TimeLimitReached();
  } catch (error) {
    const isResumable = stages.isInStage() && !signal.aborted;
    throw isResumable ? withResumeHint(error, `resume with: ${ownCall}`) : error;
  } finally {
    stages.close();
  }
};
