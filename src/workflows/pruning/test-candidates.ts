import { runningNet } from "../../checkpoint/running-net.js";
import { modelCodes, modelState } from "../../checkpoint/tensors/model-state.js";
import type { DataSet } from "../../data/data-set.js";
import type { Model } from "../../graph/model.js";
import type { Net } from "../../models/net.js";
import type { NetSpec } from "../../models/net-spec.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";
import type { WorkflowContext } from "../context.js";
import { startEngine } from "../start-engine.js";
import { testNet } from "../testing/test-net.js";
import type { PruningCall } from "./pruning-call.js";
import type { ReadNet } from "./read-net.js";

/** A net to test. */
export interface Candidate {
  readonly label: string;
  readonly spec: NetSpec;
  readonly model: Model;
}

const candidateNet = ({ spec, model }: Candidate, { checkpoint }: ReadNet): Net => {
  const { manifest, path } = checkpoint;
  return runningNet(spec, {
    path,
    state: modelState(model),
    manifest: manifest && { ...manifest, spec, ternaryCodes: modelCodes(model) },
  });
};

/** Tests nets one after another on the same images. */
export const testCandidates = async <K extends string>(
  candidates: Readonly<Record<K, Candidate>>,
  read: ReadNet,
  dataSet: DataSet,
  { options }: PruningCall,
  context: WorkflowContext,
): Promise<Record<K, Evaluation>> => {
  await startEngine(options.engine, context);
  const results: Partial<Record<K, Evaluation>> = {};
  for (const key of Object.keys(candidates) as K[]) {
    context.onEvent({ kind: "testing-net", net: candidates[key].label });
    const net = candidateNet(candidates[key], read);
    try {
      results[key] = await testNet(net, dataSet, options, context.signal);
    } finally {
      net.dispose();
    }
  }
  return results as Record<K, Evaluation>;
};
