import { QpruneError } from "../../base/errors.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { lookUp } from "../../checkpoint/net-state.js";
import { readNetWeights } from "../../checkpoint/net-weights.js";
import type { NetWeights } from "../../models/conv-weights.js";
import type { NetSpec } from "../../models/spec.js";
import { stateNames } from "../../models/state-names.js";
import type { WorkflowContext } from "../context.js";
import { chooseModel } from "../nets/choose-model.js";
import { readStoredNet, type StoredNet } from "../nets/stored-net.js";
import { checkPruningOptions } from "./plan-pruning.js";
import type { PruningCall } from "./pruning-call.js";

/** The net of a file, ready to be pruned. */
export interface ReadNet extends StoredNet {
  readonly weights: NetWeights;
}

const checkForm = ({ path }: Checkpoint, { form }: NetSpec): void => {
  if (form === "trainable") return;
  throw new QpruneError(`${path} holds ${form} weights, which are made for use, not for pruning.`, {
    kind: "usage",
    hint: "Prune the file that it was made of: the one that training saved.",
  });
};

const checkGammas = ({ state, path }: Checkpoint, spec: NetSpec): void => {
  if (spec.order === "norm-activation-conv") {
    throw new QpruneError(
      `${path} holds ${spec.arch}, whose gammas belong to input channels: no channel can be pruned by them.`,
      { kind: "usage", hint: "Prune nin or nin_gc; both can then be refined to binary weights." },
    );
  }
  if (stateNames(spec).some(({ norm }) => lookUp(state, `${norm}.weight`))) return;
  throw new QpruneError(
    `${path}: its batch norms have no gammas (${stateNames(spec)[0]?.norm}.weight, …).`,
    {
      hint: "Give a file of a training run, not a merged net.",
    },
  );
};

/** @throws QpruneError for a net that cannot be pruned. */
const checkNet = ({ checkpoint, spec }: StoredNet): void => {
  checkForm(checkpoint, spec);
  checkGammas(checkpoint, spec);
};

/** Sparse training saves under such names. */
const SPARSE_NAME = /_preprune\.\w+$/;

/** The file that a call prunes: that of `model`, or what sparse training left. */
const choosePath = (call: PruningCall, { onEvent }: Pick<WorkflowContext, "onEvent">) => {
  const { options, defaultModel, isForGroups } = call;
  const arch = isForGroups ? ["--arch", "nin_gc"] : [];
  return chooseModel({
    option: "model",
    given: options.model,
    usual: defaultModel,
    canTake: (net) => {
      checkNet(net);
      checkPruningOptions(call, net.spec);
      return true;
    },
    standsIn: ({ checkpoint, spec }) =>
      SPARSE_NAME.test(checkpoint.path) &&
      spec.convs.some(({ groups }) => groups > 1) === isForGroups,
    ofSeveral: "none",
    make: ["prune", ...arch, "-sr", "--s", "0.001"],
    onEvent,
  });
};

/**
 * Reads the net that is to be pruned, without an engine.
 * @throws QpruneError for a file that is damaged or whose norms have no gammas of their own channels, and where
 *   there is none (usage).
 */
export const readNet = async (
  call: PruningCall,
  context: Pick<WorkflowContext, "onEvent">,
): Promise<ReadNet> => {
  const { checkpoint, spec } = await readStoredNet(await choosePath(call, context), {
    key: call.options.key,
  });
  checkNet({ checkpoint, spec });
  return { checkpoint, spec, weights: readNetWeights(checkpoint, spec) };
};
