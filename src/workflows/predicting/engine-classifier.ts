import { runningNet } from "../../checkpoint/running-net.js";
import { graphOf } from "../../models/net-spec.js";
import type { WorkflowContext } from "../context.js";
import { readStoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { startEngine } from "../start-engine.js";
import { type Classifier, checkPredicts } from "./classifier.js";
import { predictBatch } from "./predict-batch.js";
import type { PredictCall } from "./predict-call.js";

/**
 * The net of any file, in TensorFlow.
 * @throws QpruneError if the model file cannot be read.
 */
export const engineClassifier = async (
  options: PredictCall["options"],
  engine: "native" | "js" | undefined,
  context: WorkflowContext,
): Promise<Classifier> => {
  const { checkpoint, spec } = await readStoredNet(options.file, options);
  checkPredicts(options.file, graphOf(spec));
  const dataSet = storedDataSetInfo(checkpoint);
  const info = { ...dataSet, ...spec.input, channels: 3 as const };
  if (!checkpoint.manifest)
    context.onEvent({ kind: "unrecorded-training", arch: spec.arch, dataSet });
  await startEngine(engine, context);
  const net = runningNet(spec, checkpoint);
  return {
    info,
    classNames: info.classNames.length === spec.classes ? info.classNames : [],
    predict: (images) => predictBatch(net, images, info),
    dispose: net.dispose,
  };
};
