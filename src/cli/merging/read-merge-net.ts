import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { MODEL_TO_MERGE } from "../../config/merge-options.js";
import { resolveQuantization } from "../../config/resolve-quantization.js";
import { usageError } from "../../core/errors.js";
import { describeHalf } from "../../quant/describe-quantization.js";
import type { Quantization } from "../../quant/quantization.js";
import { chooseModel } from "../nets/choose-model.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedSpec } from "../nets/stored-spec.js";
import type { MergeCall } from "./merge-call.js";

const FLAGS = { weights: ["W", "Wbits"], activations: ["A", "Abits"] } as const;

/** Flags that say something else than the file are refused; what they leave open is the file's. */
const checkFlags = (
  { options, given }: MergeCall,
  asked: Quantization,
  stored: Quantization,
  path: string,
): void => {
  for (const half of ["weights", "activations"] as const) {
    const flag = FLAGS[half].find((name) => given.has(name));
    const [wanted, told] = [describeHalf(asked[half]), describeHalf(stored[half])];
    if (flag && wanted !== told) {
      throw usageError(
        `--${flag} ${options[flag]} asks for ${wanted} ${half}, but ${path} holds ${told} ones.`,
        `Leave --${flag} out: the file tells its quantization.`,
      );
    }
  }
};

/**
 * Reads the net that is to be merged.
 * @throws QpruneError where it is merged already, or a flag contradicts it.
 */
export const readMergeNet = async (call: MergeCall): Promise<StoredNet> => {
  const path = await chooseModel({
    model: call.options.model,
    usual: MODEL_TO_MERGE,
    isFit: ({ form }) => form === "trainable",
    train: "qprune wbwtab",
  });
  const checkpoint = await loadCheckpoint(path, { key: call.options.key });
  const asked = resolveQuantization({ ...call.options, fixed_gamma: false }, call.given);
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
