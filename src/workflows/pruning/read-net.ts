import { QpruneError } from "../../base/errors.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { readModel } from "../../checkpoint/read-model.js";
import { lookUp } from "../../checkpoint/tensors/net-state.js";
import { nodesInGraph } from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import type { ChainSpec } from "../../models/chains/chain-spec.js";
import { stateNames } from "../../models/chains/state-names.js";
import { graphOf, isChain, type NetSpec } from "../../models/net-spec.js";
import { isDepthwise } from "../../passes/layer-precisions.js";
import { formText } from "../../report/form-text.js";
import type { WorkflowContext } from "../context.js";
import { chooseModel } from "../nets/choose-model.js";
import { readStoredNet, type StoredNet } from "../nets/stored-net.js";
import { checkPruningOptions } from "./check-pruning-options.js";
import type { PruningCall } from "./pruning-call.js";

/** A model file with its net and weights. */
export interface ReadNet {
  readonly checkpoint: Checkpoint;
  readonly spec: NetSpec;
  readonly model: Model;
}

const checkForm = ({ path }: Checkpoint, { form }: NetSpec): void => {
  if (form === "trainable") return;
  throw new QpruneError(`${path} contains ${formText(form)} weights, which cannot be pruned.`, {
    kind: "usage",
    hint: "Prune the trained file that it was made from.",
  });
};

const checkGammas = ({ state, path }: Checkpoint, spec: ChainSpec): void => {
  if (spec.order === "norm-activation-conv") {
    throw new QpruneError(
      `${path} contains ${spec.arch}, whose gammas belong to input channels, so channels cannot be pruned by them.`,
      { kind: "usage", hint: "Prune nin or nin_gc; both can then be refined with binary weights." },
    );
  }
  if (stateNames(spec).some(({ norm }) => lookUp(state, `${norm}.weight`))) return;
  throw new QpruneError(
    `${path}: its batch norms have no gammas (${stateNames(spec)[0]?.norm}.weight, …).`,
    {
      hint: "Give a file that training saved, not a merged net.",
    },
  );
};

/** The spec of a net whose channels can be pruned. @throws QpruneError if they cannot. */
const prunableSpec = ({ checkpoint, spec }: StoredNet): NetSpec => {
  checkForm(checkpoint, spec);
  if (isChain(spec)) checkGammas(checkpoint, spec);
  return spec;
};

/**
 * A stored net whose channels can be pruned, with its weights.
 * @throws QpruneError if they cannot.
 */
export const prunableNet = (stored: StoredNet): ReadNet => {
  const { checkpoint } = stored;
  const spec = prunableSpec(stored);
  return { checkpoint, spec, model: readModel(checkpoint, graphOf(spec)) };
};

/** Whether a net has grouped convolutions that are not depthwise. */
const hasGroups = (spec: NetSpec): boolean =>
  nodesInGraph(graphOf(spec)).some((placed) => {
    const { node } = placed;
    return node.kind === "conv" && node.groups > 1 && !isDepthwise(placed);
  });

/** The default names of sparse training. */
const SPARSE_NAME = /_preprune\.\w+$/;

/** The file to prune: that of `model`, or the one that sparse training saved. */
const choosePath = (call: PruningCall, { onEvent }: Pick<WorkflowContext, "onEvent">) => {
  const { options, defaultModel, isForGroups } = call;
  const arch = isForGroups ? ["--arch", "nin_gc"] : [];
  return chooseModel({
    option: "model",
    given: options.model,
    defaultFile: defaultModel,
    accepts: (net) => {
      checkPruningOptions(call, prunableSpec(net));
      return true;
    },
    mayStandIn: ({ checkpoint, spec }) =>
      SPARSE_NAME.test(checkpoint.path) && hasGroups(spec) === isForGroups,
    whenSeveral: "none",
    make: ["prune", ...arch, "-sr", "--s", "0.001"],
    onEvent,
  });
};

/**
 * Reads the net to prune; needs no engine.
 * @throws QpruneError if the file is missing (usage) or damaged, or its batch norms have no gammas for output channels.
 */
export const readNet = async (
  call: PruningCall,
  context: Pick<WorkflowContext, "onEvent">,
): Promise<ReadNet> => {
  const path = await choosePath(call, context);
  return prunableNet(await readStoredNet(path, { key: call.options.key }));
};
