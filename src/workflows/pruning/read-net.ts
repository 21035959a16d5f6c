import { QpruneError, usageError } from "../../base/errors.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { lookUp } from "../../checkpoint/tensors/net-state.js";
import { readNetWeights } from "../../checkpoint/tensors/net-weights.js";
import type { ChainSpec } from "../../models/chains/chain-spec.js";
import type { NetWeights } from "../../models/chains/conv-weights.js";
import { stateNames } from "../../models/chains/state-names.js";
import { isChain, type NetSpec } from "../../models/net-spec.js";
import { formText } from "../../report/form-text.js";
import type { WorkflowContext } from "../context.js";
import { chooseModel } from "../nets/choose-model.js";
import { readStoredNet, type StoredNet } from "../nets/stored-net.js";
import { checkPruningOptions } from "./plan-pruning.js";
import type { PruningCall } from "./pruning-call.js";

/** A model file with its net and weights. */
export interface ReadNet {
  readonly checkpoint: Checkpoint;
  readonly spec: ChainSpec;
  readonly weights: NetWeights;
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
const prunableSpec = ({ checkpoint, spec }: StoredNet): ChainSpec => {
  checkForm(checkpoint, spec);
  if (!isChain(spec)) {
    throw usageError(
      `${checkpoint.path} contains ${spec.arch}; only channels of chains of convolutions can be pruned.`,
      "Prune nin, nin_gc or another chain.",
    );
  }
  checkGammas(checkpoint, spec);
  return spec;
};

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
      SPARSE_NAME.test(checkpoint.path) &&
      isChain(spec) &&
      spec.convs.some(({ groups }) => groups > 1) === isForGroups,
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
  const stored = await readStoredNet(await choosePath(call, context), { key: call.options.key });
  const { checkpoint } = stored;
  const spec = prunableSpec(stored);
  return { checkpoint, spec, weights: readNetWeights(checkpoint, spec) };
};
