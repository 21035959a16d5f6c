import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { jsonText } from "../../base/visible-text.js";
import { readModel } from "../../checkpoint/read-model.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { toOihw } from "../../checkpoint/tensors/kernel-layout.js";
import { modelState } from "../../checkpoint/tensors/model-state.js";
import { createBatchLoader } from "../../data/batches/batch-loader.js";
import type { DataSet, ImageSet } from "../../data/data-set.js";
import { subset } from "../../data/subset.js";
import { writeTextAtomically } from "../../files/writing/write-file-atomically.js";
import type { Model } from "../../graph/model.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { graphOf } from "../../models/net-spec.js";
import { roundedWeights } from "../../ptq/bit-losses.js";
import { isQuantized } from "../../ptq/prepare-model.js";
import type { Allocation, BitPlan, TestedPlan } from "../../report/allocation/allocation.js";
import { allocationPage } from "../../report/allocation/allocation-page.js";
import { evaluate } from "../../train/evaluate.js";
import { squaredGradients } from "../../train/squared-gradients.js";
import { checkJsonFile } from "../comparing/check-json-file.js";
import type { WorkflowContext } from "../context.js";
import { readStoredNet, type StoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { checkPageFile } from "../outputs/check-page-file.js";
import { keepAside } from "../outputs/output-file.js";
import { startEngine } from "../start-engine.js";
import { openTrainingImages } from "../testing/open-test-data.js";
import type { AllocateCall } from "./allocate-call.js";
import {
  bestPlan,
  type layerChoices as choicesOf,
  layerChoices,
  tradeOffOf,
  uniformPlans,
} from "./bit-plans.js";

type Layers = ReturnType<typeof choicesOf>;

/** Images per batch of gradients. */
const GRADIENT_BATCH = 8;
/** Tests of sizes until the smallest one within a drop of accuracy is found. */
const SEARCH_TESTS = 7;

/** What `qprune allocate` found, and the files that it wrote. */
export interface AllocateResult {
  readonly allocation: Allocation;
  readonly saved: readonly string[];
}

/** The one target that is given. @throws QpruneError (usage) for none or several. */
const checkTarget = ({ options }: AllocateCall): void => {
  const targets = ["target_bytes", "target_bitops", "target_accuracy_drop"] as const;
  const given = targets.filter((name) => options[name] !== undefined);
  if (given.length === 1) return;
  throw usageError(
    given.length === 0
      ? "There is no target to allocate bits for."
      : `${given.map(option).join(" and ")} are both targets.`,
    `Give one of ${targets.map(option).join(", ")}.`,
  );
};

const checkNet = ({ spec, checkpoint }: StoredNet): void => {
  if (spec.form === "trainable" && !isQuantized(graphOf(spec))) return;
  throw usageError(
    `${checkpoint.path} has no latent weights in full precision, whose gradients are needed.`,
    "Give the float net as it was trained.",
  );
};

const checkBits = (bits: readonly number[]): readonly number[] => {
  if (bits.every((each) => each >= 2 && each <= 8)) return [...new Set(bits)].sort((a, b) => a - b);
  throw usageError(
    `${option("bits")} ${bits.join(",")}: affine weights have 2 to 8 bits.`,
    "Choose bits from 2 to 8.",
  );
};

/** The indices of two disjoint parts of `count` images, evenly spaced: for gradients and for tests. */
const indicesOf = (count: number, gradients: number, tests: number): [Uint32Array, Uint32Array] => {
  const half = Math.floor(count / 2);
  const even = (most: number, offset: number): Uint32Array => {
    const used = Math.min(most, half);
    return Uint32Array.from(
      { length: used },
      (_, index) => 2 * Math.floor((index * half) / used) + offset,
    );
  };
  return [even(gradients, 0), even(tests, 1)];
};

/** Two parts of the training images: for gradients and for tests. */
const partsOf = ({ train }: DataSet, gradients: number, tests: number): [ImageSet, ImageSet] => {
  if (train.count < 2)
    throw usageError(
      "There are too few training images.",
      `Set ${option("data")} to their folder.`,
    );
  const [forGradients, forTests] = indicesOf(train.count, gradients, tests);
  return [subset(train, forGradients), subset(train, forTests)];
};

/** The curvature of the weights of every layer, in PyTorch's order. */
const curvatures = async (
  { options }: AllocateCall,
  { spec, checkpoint }: StoredNet,
  images: ImageSet,
  { info }: DataSet,
  { signal }: WorkflowContext,
): Promise<(layer: string) => Float32Array> => {
  const net = runningNet(spec, checkpoint);
  const loader = createBatchLoader({
    images,
    info,
    batchSize: GRADIENT_BATCH,
    mode: "train",
    seed: 1,
    workers: options.num_workers,
  });
  try {
    const batches = Math.ceil(images.count / GRADIENT_BATCH);
    const found = await squaredGradients({ net, loader, batches, signal });
    const shapes = new Map(net.state.map(({ name, value }) => [name, value.shape]));
    return (layer) => {
      const name = `${layer}.weight`;
      const shape = shapes.get(name) ?? [];
      const sides = shape.length === 2 ? [1, 1, ...shape] : shape;
      return toOihw(found.get(name) ?? [], sides as unknown as [number, number, number, number]);
    };
  } finally {
    net.dispose();
    await loader.close();
  }
};

type Test = (name: string, plan: BitPlan | null) => Promise<TestedPlan>;

const NOTHING: BitPlan = { bits: [], bytes: 0, bitops: 0, predictedLoss: 0 };

/** Tests the net with the weights of its layers rounded as a plan asks; with none, in floats. */
const createTest = (
  { spec, checkpoint }: StoredNet,
  model: Model,
  images: ImageSet,
  { info }: DataSet,
  { options }: AllocateCall,
  { signal }: WorkflowContext,
): Test => {
  const nodes = weightedNodes(model.graph);
  return async (name, plan) => {
    const weights = new Map(model.weights);
    for (const [layer, node] of nodes.entries()) {
      const bits = plan?.bits[layer];
      if (bits === undefined) continue;
      const rounded = roundedWeights(model, node, bits);
      weights.set(`${node.name}.weight`, { kind: "float", ...rounded });
    }
    const { path } = checkpoint;
    const state = modelState({ graph: model.graph, weights });
    const net = runningNet(spec, { path, state, manifest: undefined });
    const loader = createBatchLoader({
      images,
      info,
      batchSize: options.eval_batch_size,
      mode: "evaluate",
      seed: 1,
      workers: options.num_workers,
    });
    try {
      const { loss, accuracy } = await evaluate(net, loader, () => signal.throwIfAborted());
      return { ...(plan ?? NOTHING), name, loss, accuracy };
    } finally {
      net.dispose();
      await loader.close();
    }
  };
};

const CHOSEN = "allocated";

/** The smallest plan whose measured accuracy drops by at most `drop` points, by bisecting the sizes. */
const smallestWithin = async (layers: Layers, drop: number, float: number, test: Test) => {
  const sizes = tradeOffOf(layers);
  let [low, high] = [0, sizes.length - 1];
  let best = await test(CHOSEN, sizes[high] ?? null);
  for (let tests = 0; tests < SEARCH_TESTS && low < high; tests++) {
    const middle = Math.floor((low + high) / 2);
    const tested = await test(CHOSEN, sizes[middle] ?? null);
    if (float - tested.accuracy <= drop) {
      best = tested;
      high = middle;
    } else low = middle + 1;
  }
  return best;
};

const choose = async (
  { options }: AllocateCall,
  layers: Layers,
  float: number,
  test: Test,
): Promise<TestedPlan> => {
  const { target_bytes: bytes, target_bitops: bitops, target_accuracy_drop: drop } = options;
  if (drop !== undefined) return smallestWithin(layers, drop, float, test);
  const limit = bytes === undefined ? "bitops" : "bytes";
  const budget = bytes ?? bitops ?? 0;
  const plan = bestPlan(layers, limit, budget);
  if (plan) return test(CHOSEN, plan);
  const [least] = uniformPlans(layers);
  throw usageError(
    `${option(bytes === undefined ? "target_bitops" : "target_bytes")} ${budget} is less than the ${least?.[limit]} that the fewest bits need.`,
    `Raise it, or allow fewer bits with ${option("bits")}.`,
  );
};

/**
 * Distributes bits over the layers of a net: measures the curvature of the loss, predicts what rounding each layer costs, solves
 * the knapsack exactly, and tests the result and uniform bits on held-out training images.
 * @throws QpruneError if the file or the images cannot be read, or the target cannot be reached.
 */
export const allocateBits = async (
  call: AllocateCall,
  context: WorkflowContext,
): Promise<AllocateResult> => {
  const { options } = call;
  checkTarget(call);
  const bits = checkBits(options.bits);
  await checkJsonFile(options.save);
  if (options.html !== undefined) await checkPageFile(options.html);
  const read = await readStoredNet(options.file, options);
  checkNet(read);
  const { checkpoint, spec } = read;
  const tested = {
    path: checkpoint.path,
    dataSet: storedDataSetInfo(checkpoint),
    classes: spec.classes,
  };
  const used = (count: number): Uint32Array =>
    Uint32Array.from(
      indicesOf(count, options.gradients, options.images).flatMap((part) => [...part]),
    );
  const dataSet = await openTrainingImages({ ...options, test_limit: 1 }, tested, context, used);
  const [forGradients, forTests] = partsOf(dataSet, options.gradients, options.images);
  await startEngine(options.engine, context);
  const model = readModel(checkpoint, graphOf(spec));
  const curvature = await curvatures(call, read, forGradients, dataSet, context);
  const layers = layerChoices(model, bits, options.abits, curvature);
  const test = createTest(read, model, forTests, dataSet, call, context);
  const float = await test("float", null);
  const chosen = await choose(call, layers, float.accuracy, test);
  const uniform: TestedPlan[] = [];
  for (const [index, plan] of uniformPlans(layers).entries())
    uniform.push(await test(`${bits[index]} bits`, plan));
  const allocation: Allocation = {
    model: options.file,
    arch: spec.arch,
    layers: layers.map(({ node, weights }) => ({ name: node.name, weights })),
    images: forTests.count,
    float: { loss: float.loss, accuracy: float.accuracy },
    chosen,
    uniform,
    tradeOff: tradeOffOf(layers),
  };
  const rules = allocation.layers.map(({ name }, index) => [
    name,
    `${chosen.bits[index]}/${options.abits}`,
  ]);
  await keepAside(options.save);
  await writeTextAtomically(options.save, `${jsonText(Object.fromEntries(rules))}\n`);
  const saved = [options.save];
  if (options.html !== undefined) {
    await keepAside(options.html);
    await writeTextAtomically(options.html, await allocationPage(allocation));
    saved.push(options.html);
  }
  return { allocation, saved };
};
