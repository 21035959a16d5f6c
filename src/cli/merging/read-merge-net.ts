import { access } from "node:fs/promises";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { MODEL_TO_MERGE } from "../../config/merge-options.js";
import { resolveQuantization } from "../../config/resolve-quantization.js";
import { QpruneError } from "../../core/errors.js";
import { CIFAR } from "../../data/cifar.js";
import type { NetSpec } from "../../models/spec.js";
import { specFromDescription } from "../../models/spec-from-description.js";
import { describeHalf } from "../../quant/describe-quantization.js";
import type { Quantization } from "../../quant/quantization.js";
import type { MergeCall } from "./merge-call.js";

const usage = (message: string, hint: string): QpruneError =>
  new QpruneError(message, { kind: "usage", hint });

const chooseModel = async (model: string | undefined): Promise<string> => {
  if (model !== undefined) return model;
  return access(MODEL_TO_MERGE).then(
    () => MODEL_TO_MERGE,
    () => {
      throw usage(
        `No --model is given, and ${MODEL_TO_MERGE} does not exist.`,
        "Give the file to merge with --model FILE, or train one: qprune wbwtab",
      );
    },
  );
};

const FLAGS = { weights: ["W", "Wbits"], activations: ["A", "Abits"] } as const;

/** Flags that say something else than the file are refused; what they leave open is the file's. */
const checkFlags = ({ options, given }: MergeCall, stored: Quantization, path: string): void => {
  const asked = resolveQuantization({ ...options, fixed_gamma: false }, given);
  for (const half of ["weights", "activations"] as const) {
    const flag = FLAGS[half].find((name) => given.has(name));
    const [wanted, told] = [describeHalf(asked[half]), describeHalf(stored[half])];
    if (flag && wanted !== told) {
      throw usage(
        `--${flag} ${options[flag]} asks for ${wanted} ${half}, but ${path} holds ${told} ones.`,
        `Leave --${flag} out: the file tells its quantization.`,
      );
    }
  }
};

/** The spec of the file: its own, or for a state dict without metadata what the flags say. */
const specOf = (call: MergeCall, file: Checkpoint): NetSpec => {
  if (file.manifest) {
    checkFlags(call, file.manifest.spec.quantization, file.path);
    return file.manifest.spec;
  }
  const { channels, height, width } = CIFAR.cifar10.info;
  return specFromDescription({
    description: file.recognised,
    widths: file.net.widths,
    classes: file.net.classes,
    input: { channels, height, width },
    sequence: file.net.sequence,
    quantization: resolveQuantization({ ...call.options, fixed_gamma: false }, call.given),
  });
};

export interface NetToMerge {
  readonly checkpoint: Checkpoint;
  readonly spec: NetSpec;
}

/**
 * Reads the net that is to be merged.
 * @throws QpruneError where it is merged already, or a flag contradicts it.
 */
export const readMergeNet = async (call: MergeCall): Promise<NetToMerge> => {
  const path = await chooseModel(call.options.model);
  const checkpoint = await loadCheckpoint(path);
  const spec = specOf(call, checkpoint);
  if (spec.form === "merged") {
    throw usage(
      `${path} is merged already: it has no batch norms left.`,
      "Give the file that training wrote.",
    );
  }
  return { checkpoint, spec };
};
