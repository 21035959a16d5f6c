import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { type DataSetInfo, dataSetToRead } from "../../data/data-set.js";
import { atSide } from "../../data/preparation.js";
import { ALONE } from "../../tensor/workers.js";
import type { WorkflowContext } from "../context.js";
import type { EvaluationResult } from "../events.js";
import { openDataSet } from "../images/open-data-set.js";
import { knownDataSetInfo } from "../nets/stored-spec.js";
import { startEngine } from "../start-engine.js";
import { checkTask } from "./checks/check-task.js";
import { precisionOf, withPrecision } from "./choose-precision.js";
import { chooseSpec } from "./choose-spec.js";
import { evaluateRun } from "./evaluate-run.js";
import type { InputFiles } from "./input-files.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/** The options with the data set that is known of a tested file, unless `dataset` is given. */
const withRecordedDataSet = (
  { options, given }: TrainingCall,
  file: Checkpoint,
): TrainingOptions => {
  const recorded = dataSetToRead(knownDataSetInfo(file)?.name);
  return recorded === undefined || given.has("dataset")
    ? options
    : { ...options, dataset: recorded };
};

/** The data set that is known of a tested file; its size can be chosen if the file does not record it. */
const testedDataSet = (
  { options, given }: TrainingCall,
  file: Checkpoint,
): DataSetInfo | undefined => {
  const known = knownDataSetInfo(file);
  const isChosen = !file.manifest && given.has("image_size");
  return known && isChosen ? atSide(known, options.image_size) : known;
};

/** Tests the net of a file, one of `files`. */
export const evaluateModel = async (
  call: TrainingCall,
  files: InputFiles,
  file: Checkpoint,
  context: WorkflowContext,
): Promise<EvaluationResult> => {
  const startedAt = context.now();
  const dataSet = await openDataSet(withRecordedDataSet(call, file), context, {
    recorded: testedDataSet(call, file),
  });
  const spec = chooseSpec(call, dataSet.info, files);
  checkTask(spec, dataSet.info, call.options);
  const engine = await startEngine(call.options.engine, context);
  const precision = precisionOf(withPrecision(call, engine, context).options);
  const net = runningNet(spec, file, { precision });
  try {
    const alone = { workers: ALONE, wholeBatch: call.options.train_batch_size };
    return await evaluateRun({ ...alone, call, context, dataSet, net, startedAt }, file);
  } finally {
    net.dispose();
  }
};
