import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { Quantization } from "../../graph/quantizers.js";
import { MODEL_TO_MERGE } from "../../options/commands/merge-options.js";
import { describeHalf } from "../../options/describe-quantization.js";
import { resolveQuantization } from "../../options/resolve-quantization.js";
import type { WorkflowContext } from "../context.js";
import { chooseModel } from "../nets/choose-model.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedSpec } from "../nets/stored-spec.js";
import type { MergeCall } from "./merge-call.js";

const OPTIONS = { weights: ["W", "Wbits"], activations: ["A", "Abits"] } as const;
const HALVES = ["weights", "activations"] as const;

/** The given options that set the quantization. */
const givenOptions = ({ given }: MergeCall) =>
  HALVES.flatMap((half) =>
    OPTIONS[half].filter((name) => given.has(name)).map((name) => ({ half, name })),
  );

/** The first given option that contradicts the quantization of a file. */
const findContradiction = (call: MergeCall, asked: Quantization, stored: Quantization) =>
  givenOptions(call).find(({ half }) => describeHalf(asked[half]) !== describeHalf(stored[half]));

const checkOptions = (
  call: MergeCall,
  asked: Quantization,
  stored: Quantization,
  path: string,
): void => {
  const { half, name } = findContradiction(call, asked, stored) ?? {};
  if (half === undefined || name === undefined) return;
  const [wanted, recorded] = [describeHalf(asked[half]), describeHalf(stored[half])];
  throw usageError(
    `${option(name)} ${call.options[name]} asks for ${wanted} ${half}, but ${path} has ${recorded} ones.`,
    `Omit ${option(name)}: the file records its quantization.`,
  );
};

/** A command line that trains a net that matches the options. */
const trainingCall = (call: MergeCall): string[] => [
  "wbwtab",
  ...givenOptions(call).flatMap(({ name }) => [`--${name}`, String(call.options[name])]),
];

/**
 * Reads the net to merge.
 * @throws QpruneError if it is already merged, or an option contradicts it.
 */
export const readMergeNet = async (
  call: MergeCall,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): Promise<StoredNet> => {
  const asked = resolveQuantization({ ...call.options, fixed_gamma: false }, call.given);
  const path = await chooseModel({
    option: "model",
    given: call.options.model,
    defaultFile: MODEL_TO_MERGE,
    accepts: ({ spec, checkpoint }) =>
      spec.form === "trainable" &&
      (!checkpoint.manifest || findContradiction(call, asked, spec.quantization) === undefined),
    // A file that does not record its quantization may not be the net that the options ask for.
    mayStandIn: ({ checkpoint }) => checkpoint.manifest !== undefined,
    whenSeveral: "newest",
    make: trainingCall(call),
    onEvent,
  });
  const checkpoint = await loadCheckpoint(path, { key: call.options.key });
  // The options give the quantization of a state dict without metadata.
  const spec = storedSpec(checkpoint, asked);
  if (checkpoint.manifest) checkOptions(call, asked, spec.quantization, path);
  if (spec.form === "merged") {
    throw usageError(
      `${path} is already merged: it has no batch norms left.`,
      "Give the file that training saved.",
    );
  }
  return { checkpoint, spec };
};
