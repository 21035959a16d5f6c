import { applyCheckpoint } from "../../checkpoint/checkpoint.js";
import { weightsCodes, weightsState } from "../../checkpoint/net-weights.js";
import { QpruneError } from "../../core/errors.js";
import { createBatchLoader } from "../../data/batch-loader.js";
import type { DataSet } from "../../data/data-set.js";
import { loadDataSet } from "../../data/load-data-set.js";
import { buildNet } from "../../models/build-net.js";
import type { NetWeights } from "../../models/conv-weights.js";
import type { NetSpec } from "../../models/spec.js";
import { type Evaluation, evaluate } from "../../train/evaluate.js";
import type { CommandContext } from "../command.js";
import { startEngine } from "../engine/start-engine.js";
import type { PruningCall } from "./pruning-call.js";
import { dataSetOf, type ReadNet } from "./read-net.js";

/** A data set to test on, or why there is none. */
export type TestData =
  | { readonly kind: "found"; readonly dataSet: DataSet }
  | { readonly kind: "none"; readonly why: string };

/**
 * Finds the images to test on. A data set that is not there is no error unless --data or --dataset asks for it.
 * @throws QpruneError for data that is damaged or has another number of classes.
 */
export const openTestData = async (
  { options, given }: PruningCall,
  { checkpoint, spec }: ReadNet,
): Promise<TestData> => {
  if (options.dry_run) return { kind: "none", why: "--dry-run" };
  if (!options.test) return { kind: "none", why: "--no-test" };
  const name = options.dataset ?? dataSetOf(checkpoint);
  const isAskedFor = given.has("data") || given.has("dataset") || given.has("test_limit");
  try {
    const dataSet = await loadDataSet({
      name,
      directory: options.data,
      testLimit: options.test_limit,
      parts: "test only",
    });
    if (dataSet.info.classNames.length === spec.classes) return { kind: "found", dataSet };
    throw new QpruneError(
      `${checkpoint.path} has ${spec.classes} classes, but ${name} has ${dataSet.info.classNames.length}.`,
      { hint: "Choose the data set that the file was trained on with --dataset." },
    );
  } catch (error) {
    const isMissing = error instanceof QpruneError && error.kind === "usage";
    if (!isMissing || isAskedFor) throw error;
    return { kind: "none", why: `no ${name} in ${options.data}; give its folder with --data` };
  }
};

/** Weights under a name, to be tested. */
export interface Candidate {
  readonly label: string;
  readonly spec: NetSpec;
  readonly weights: NetWeights;
}

const testOne = async (
  { label, spec, weights }: Candidate,
  { checkpoint }: ReadNet,
  dataSet: DataSet,
  { options }: PruningCall,
  context: CommandContext,
): Promise<Evaluation> => {
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  const loader = createBatchLoader({
    images: dataSet.test,
    info: dataSet.info,
    batchSize: options.eval_batch_size,
    mode: "evaluate",
    seed: 1,
    workers: options.num_workers,
  });
  try {
    const { manifest, path } = checkpoint;
    applyCheckpoint(net, {
      path,
      state: weightsState(spec, weights),
      manifest: manifest && { ...manifest, ternaryCodes: weightsCodes(spec, weights) },
    });
    if (!options.json) context.stderr.write(`Testing the ${label} net\n`);
    return await evaluate(net, loader, () => context.signal.throwIfAborted());
  } finally {
    net.dispose();
    await loader.close();
  }
};

/** Tests nets one after the other on the same images. */
export const testNets = async <K extends string>(
  candidates: Readonly<Record<K, Candidate>>,
  read: ReadNet,
  dataSet: DataSet,
  call: PruningCall,
  context: CommandContext,
): Promise<Record<K, Evaluation>> => {
  await startEngine(call.options.engine ?? "auto", context);
  const results: Partial<Record<K, Evaluation>> = {};
  for (const key of Object.keys(candidates) as K[]) {
    results[key] = await testOne(candidates[key], read, dataSet, call, context);
  }
  return results as Record<K, Evaluation>;
};
