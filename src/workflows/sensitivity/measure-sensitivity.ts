import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { jsonText } from "../../base/visible-text.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { modelCodes, modelState } from "../../checkpoint/tensors/model-state.js";
import { type BatchLoader, createBatchLoader } from "../../data/batches/batch-loader.js";
import { writeTextAtomically } from "../../files/writing/write-file-atomically.js";
import type { Sensitivity } from "../../report/sensitivity/sensitivity.js";
import { evaluate } from "../../train/evaluate.js";
import { checkJsonFile } from "../comparing/check-json-file.js";
import type { WorkflowContext } from "../context.js";
import { readStoredNet } from "../nets/stored-net.js";
import { keepAside } from "../outputs/output-file.js";
import { calibrate } from "../pruning/calibrate.js";
import { prunableNet, type ReadNet } from "../pruning/read-net.js";
import { startEngine } from "../start-engine.js";
import {
  type ChangedModel,
  type PrunedModels,
  prunedModels,
  type RoundedModels,
  roundedModels,
} from "./changed-models.js";
import { type HeldOutImages, heldOutImages } from "./held-out-images.js";
import type { SensitivityCall } from "./sensitivity-call.js";

/** Accuracy in percent and mean loss. */
interface Score {
  readonly accuracy: number;
  readonly loss: number;
}

/** Tests changed models on the held-out images. */
type Test = (changed: ChangedModel) => Promise<Score>;

const createTest =
  ({ checkpoint }: ReadNet, loader: BatchLoader, { signal }: WorkflowContext): Test =>
  async ({ spec, model }) => {
    const { path, manifest } = checkpoint;
    const codes = manifest && { ...manifest, spec, ternaryCodes: modelCodes(model) };
    const net = runningNet(spec, { path, state: modelState(model), manifest: codes });
    try {
      const { accuracy, loss } = await evaluate(net, loader, () => signal.throwIfAborted());
      return { accuracy, loss };
    } finally {
      net.dispose();
    }
  };

const testChannels = async (layers: readonly PrunedModels[], test: Test) => {
  const rows: Sensitivity["channels"][number][] = [];
  for (const { names, total, cuts } of layers) {
    const points = [];
    for (const { share, cut } of cuts) {
      const { kept, ...changed } = cut();
      points.push({ share, kept, ...(await test(changed)) });
    }
    rows.push({ names, total, points });
  }
  return rows;
};

const testBits = async (layers: readonly RoundedModels[], test: Test) => {
  const rows: Sensitivity["bits"][number][] = [];
  for (const { name, cuts } of layers) {
    const points = [];
    for (const { bits, cut } of cuts) points.push({ bits, ...(await test(cut())) });
    rows.push({ name, points });
  }
  return rows;
};

/** Everything that is tested. */
interface Changes {
  readonly pruned: readonly PrunedModels[];
  readonly rounded: readonly RoundedModels[];
}

const measure = async (
  call: SensitivityCall,
  read: ReadNet,
  { images, info }: HeldOutImages,
  { pruned, rounded }: Changes,
  context: WorkflowContext,
): Promise<Pick<Sensitivity, "whole" | "channels" | "bits">> => {
  const { eval_batch_size: batchSize, num_workers: workers, seed } = call.options;
  const loader = createBatchLoader({ images, info, batchSize, mode: "evaluate", seed, workers });
  const nets = [...pruned, ...rounded].reduce((sum, { cuts }) => sum + cuts.length, 1);
  const testOne = createTest(read, loader, context);
  let done = 0;
  const test: Test = async (changed) => {
    const score = await testOne(changed);
    done++;
    context.onEvent({ kind: "sensitivity-progress", done, nets });
    return score;
  };
  try {
    return {
      whole: await test(read),
      channels: await testChannels(pruned, test),
      bits: await testBits(rounded, test),
    };
  } finally {
    await loader.close();
  }
};

/** @throws QpruneError (usage) if neither shares nor bits are asked for. */
const checkSettings = ({ options }: SensitivityCall): void => {
  if (options.shares.length + options.round_bits.length > 0) return;
  throw usageError(
    `${option("shares")} none and ${option("round_bits")} none leave nothing to measure.`,
    "Give at least one of them.",
  );
};

/** Sensitivities with the file that they were written to. */
export interface SensitivityResult {
  readonly sensitivity: Sensitivity;
  readonly saved: string | undefined;
}

/**
 * Measures how accuracy and loss change if single layers are pruned or rounded, on held-out training images; the test images
 * are not used.
 * @throws QpruneError if the file or the images cannot be read, or the channels of the net cannot be pruned.
 */
export const measureSensitivity = async (
  call: SensitivityCall,
  context: WorkflowContext,
): Promise<SensitivityResult> => {
  const { options } = call;
  const { file, save, importance } = options;
  checkSettings(call);
  if (save !== undefined) await checkJsonFile(save);
  const stored = await readStoredNet(file, { arch: options.arch, key: options.key });
  const read = prunableNet(stored);
  const held = await heldOutImages(call, read, context);
  await startEngine(options.engine, context);
  const isCalibrated = importance === "taylor" && options.shares.length > 0;
  const changes = isCalibrated ? await calibrate(call, read, context) : undefined;
  const pruned = options.shares.length > 0 ? prunedModels(call, read, changes) : [];
  const rounded = options.round_bits.length > 0 ? roundedModels(call, read) : [];
  const measured = await measure(call, read, held, { pruned, rounded }, context);
  const sensitivity: Sensitivity = {
    format: "qprune-sensitivity",
    model: file,
    arch: read.spec.arch,
    importance,
    images: {
      dataSet: held.info.name,
      count: held.images.count,
      wereHeldOut: held.wereHeldOut,
    },
    ...measured,
  };
  if (save !== undefined) {
    await keepAside(save);
    await writeTextAtomically(save, `${jsonText(sensitivity)}\n`);
  }
  return { sensitivity, saved: save };
};
