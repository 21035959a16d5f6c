import { backboneName } from "../../models/architectures/graph-architectures.js";
import type { WorkflowContext } from "../context.js";
import { fetchPretrained } from "../nets/fetch-pretrained.js";
import { pretrainedWeights } from "./checks/pretrained-weights.js";
import type { TrainingCall } from "./training-call.js";

/**
 * A call that starts from published weights, as one that starts from their file, or whose backbone does. The file is fetched unless it is in the user's cache. Other calls are returned unchanged.
 * @throws QpruneError if options contradict each other, or the file cannot be fetched.
 */
export const withPretrained = async (
  call: TrainingCall,
  context: WorkflowContext,
): Promise<TrainingCall> => {
  const { options } = call;
  const weights = pretrainedWeights(options);
  if (weights === undefined) return call;
  const path = await fetchPretrained({ arch: options.arch, weights }, context);
  if (backboneName(options.arch) !== undefined)
    return { ...call, options: { ...options, backbone: path } };
  // A width of 1 asks for nothing; a file refuses any.
  const given = new Set([...call.given].filter((key) => key !== "width"));
  return { ...call, given, options: { ...options, refine: path, width: undefined } };
};
