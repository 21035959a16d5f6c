import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { runningNet } from "../../checkpoint/running-net.js";
import type { DataSet } from "../../data/data-set.js";
import { denseState, type ExportNet } from "../../export/export-net.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";
import type { WorkflowContext } from "../context.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { startEngine } from "../start-engine.js";
import { openTestData, type Untested } from "../testing/open-test-data.js";
import { testNet } from "../testing/test-net.js";
import type { ExportCall } from "./export-call.js";

/** Tests of a net before and after its export, or why there are none. */
export type ExportTests =
  | { readonly kind: "tested"; readonly before: Evaluation; readonly after: Evaluation }
  | { readonly kind: "untested"; readonly untested: Untested };

interface ExportRun {
  readonly call: ExportCall;
  readonly context: WorkflowContext;
  readonly checkpoint: Checkpoint;
}

const testOne = async (
  net: ExportNet,
  dataSet: DataSet,
  { call, context, checkpoint }: ExportRun,
): Promise<Evaluation> => {
  const file = { path: checkpoint.path, state: denseState(net), manifest: undefined };
  const running = runningNet(net.spec, file);
  try {
    return await testNet(running, dataSet, call.options, context.signal);
  } finally {
    running.dispose();
  }
};

/** Tests the effect of rounding in an export, if there are test images. */
export const testExport = async (
  before: ExportNet,
  after: ExportNet,
  run: ExportRun,
): Promise<ExportTests> => {
  const { call, context, checkpoint } = run;
  const data = await openTestData(
    call.options,
    call.given,
    {
      path: checkpoint.path,
      dataSet: storedDataSetInfo(checkpoint),
      classes: before.spec.classes,
    },
    context,
  );
  if (data.kind === "none") return { kind: "untested", untested: data.untested };
  await startEngine(call.options.engine, context);
  context.onEvent({ kind: "testing-net", net: "before and after rounding" });
  return {
    kind: "tested",
    before: await testOne(before, data.dataSet, run),
    after: await testOne(after, data.dataSet, run),
  };
};
