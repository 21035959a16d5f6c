import { usageError } from "../../base/errors.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { MODEL_TO_MERGE } from "../../options/commands/merge-options.js";
import { resolveQuantization } from "../../options/resolve-quantization.js";
import { describeHalf } from "../../quant/describe-quantization.js";
import type { Quantization } from "../../quant/quantization.js";
import type { CommandContext } from "../../cli/command.js";
import { chooseModel } from "../nets/choose-model.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedSpec } from "../nets/stored-spec.js";
import { shellCommand } from "../../options/shell-command.js";
import type { MergeCall } from "./merge-call.js";

const FLAGS = { weights: ["W", "Wbits"], activations: ["A", "Abits"] } as const;
const HALVES = ["weights", "activations"] as const;

/** The flags of a call that tell a quantization. */
const givenFlags = ({ given }: MergeCall) =>
  HALVES.flatMap((half) =>
    FLAGS[half].filter((name) => given.has(name)).map((name) => ({ half, name })),
  );

/** The first flag that says something else than a file; what flags leave open is the file's. */
const contradiction = (call: MergeCall, asked: Quantization, stored: Quantization) =>
  givenFlags(call).find(({ half }) => describeHalf(asked[half]) !== describeHalf(stored[half]));

const checkFlags = (
  call: MergeCall,
  asked: Quantization,
  stored: Quantization,
  path: string,
): void => {
  const { half, name } = contradiction(call, asked, stored) ?? {};
  if (half === undefined || name === undefined) return;
  const [wanted, told] = [describeHalf(asked[half]), describeHalf(stored[half])];
  throw usageError(
    `--${name} ${call.options[name]} asks for ${wanted} ${half}, but ${path} holds ${told} ones.`,
    `Leave --${name} out: the file tells its quantization.`,
  );
};

/** The call that trains a net which fits the flags. */
const trainingCall = (call: MergeCall): string =>
  shellCommand([
    "wbwtab",
    ...givenFlags(call).flatMap(({ name }) => [`--${name}`, String(call.options[name])]),
  ]);

/**
 * Reads the net that is to be merged.
 * @throws QpruneError where it is merged already, or a flag contradicts it.
 */
export const readMergeNet = async (
  call: MergeCall,
  { stderr }: Pick<CommandContext, "stderr">,
): Promise<StoredNet> => {
  const asked = resolveQuantization({ ...call.options, fixed_gamma: false }, call.given);
  const path = await chooseModel({
    flag: "--model",
    given: call.options.model,
    usual: MODEL_TO_MERGE,
    canTake: ({ spec, checkpoint }) =>
      spec.form === "trainable" &&
      (!checkpoint.manifest || contradiction(call, asked, spec.quantization) === undefined),
    // What does not tell its quantization may be another net than the flags say.
    standsIn: ({ checkpoint }) => checkpoint.manifest !== undefined,
    ofSeveral: "newest",
    make: trainingCall(call),
    notify: (line) => stderr.write(`${line}\n`),
  });
  const checkpoint = await loadCheckpoint(path, { key: call.options.key });
  // A state dict without metadata is quantized as the flags say.
  const spec = storedSpec(checkpoint, asked);
  if (checkpoint.manifest) checkFlags(call, asked, spec.quantization, path);
  if (spec.form === "merged") {
    throw usageError(
      `${path} is merged already: it has no batch norms left.`,
      "Give the file that training wrote.",
    );
  }
  return { checkpoint, spec };
};
