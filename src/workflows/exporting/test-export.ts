import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { runningNet } from "../../checkpoint/running-net.js";
import type { DataSet } from "../../data/data-set.js";
import { denseState } from "../../export/dense-state.js";
import type { ExportNet } from "../../export/export-net.js";
import type { Evaluation } from "../../train/evaluate.js";
import type { CommandContext } from "../../cli/command.js";
import { startEngine } from "../start-engine.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { openTestData } from "../images/open-test-data.js";
import { testNet } from "../images/test-net.js";
import type { ExportCall } from "./export-call.js";

/** The tests of a net as it was and as the export holds it, or why there are none. */
export type ExportTests =
  | { readonly kind: "tested"; readonly before: Evaluation; readonly after: Evaluation }
  | { readonly kind: "untested"; readonly why: string };

interface ExportRun {
  readonly call: ExportCall;
  readonly context: CommandContext;
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

/** Tests what an export that rounds numbers costs, where there are test images. */
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
  if (data.kind === "none") return { kind: "untested", why: data.why };
  await startEngine(call.options.engine ?? "auto", context);
  if (!call.options.json) context.stderr.write("Testing the net before and after rounding\n");
  return {
    kind: "tested",
    before: await testOne(before, data.dataSet, run),
    after: await testOne(after, data.dataSet, run),
  };
};
