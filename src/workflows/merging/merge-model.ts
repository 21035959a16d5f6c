import { mkdir } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { compareNets, uniformImages } from "../../bnmerge/compare-nets.js";
import { foldBatchNorms } from "../../bnmerge/fold-batch-norms.js";
import { writeCheckpoint } from "../../checkpoint/checkpoint.js";
import { readModel } from "../../checkpoint/read-model.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { modelState } from "../../checkpoint/tensors/model-state.js";
import type { StateDict } from "../../checkpoint/tensors/net-state.js";
import { packageVersion } from "../../files/package-version.js";
import type { Model } from "../../graph/model.js";
import type { Net } from "../../models/net.js";
import { graphOf, type NetSpec, specOfModel } from "../../models/net-spec.js";
import { MERGED_FILE, QUANTIZED_FILE } from "../../options/commands/merge-options.js";
import { bakeWeights } from "../../passes/bake-weights.js";
import type { WorkflowContext } from "../context.js";
import { provenanceOf, writeProvenance } from "../history/provenance.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { chooseOutputFile, moveAside } from "../outputs/output-file.js";
import { startEngine } from "../start-engine.js";
import { measureTimes } from "../testing/measure-times.js";
import { openTestData, type TestData } from "../testing/open-test-data.js";
import { testNet } from "../testing/test-net.js";
import { dumpNet } from "./dump-net.js";
import type { MergeCall } from "./merge-call.js";
import type { MeasuredNet, MergeResult } from "./merge-result.js";
import { readMergeNet } from "./read-merge-net.js";

/** Number and seed of the random images that both nets are compared on. */
const INPUTS = 100;
const SEED = 1;

/** The net before or after the merge, with the tensors of its file. */
interface MergeSide {
  readonly name: "quan_model" | "quan_bn_merge_model";
  readonly file: string;
  readonly state: StateDict;
  readonly net: Net;
}

type Form = NetSpec["form"];

interface MergeFiles {
  readonly before: string;
  readonly after: string;
}

const makeSides = (
  { checkpoint, spec }: StoredNet,
  files: MergeFiles,
): readonly [MergeSide, MergeSide] => {
  const quantized = bakeWeights(readModel(checkpoint, graphOf(spec)));
  const merged = foldBatchNorms(quantized);
  const side = (name: MergeSide["name"], file: string, model: Model, form: Form): MergeSide => {
    const state = modelState(model);
    const path = checkpoint.path;
    const net = runningNet(specOfModel(spec, model, form), { path, state, manifest: undefined });
    return { name, file, state, net };
  };
  return [
    side("quan_model", files.before, quantized, "baked"),
    side("quan_bn_merge_model", files.after, merged, "merged"),
  ];
};

const measureSide = async (
  { file, net, state }: MergeSide,
  milliseconds: number,
  data: TestData,
  { options }: MergeCall,
  signal: AbortSignal,
): Promise<MeasuredNet> => {
  const trained = net.spec.form === "merged" ? net.state : net.parameters;
  const floats = [...state.values()].filter(({ dtype }) => dtype === "F32");
  return {
    file,
    parameters: trained.reduce((sum, { value }) => sum + value.size, 0),
    bytes: floats.reduce((sum, { data: bytes }) => sum + bytes.length, 0),
    milliseconds,
    test: data.kind === "found" ? await testNet(net, data.dataSet, options, signal) : undefined,
  };
};

const writeSide = async (
  { file, net, state }: MergeSide,
  { checkpoint }: StoredNet,
  accuracy: number | undefined,
): Promise<void> => {
  await moveAside(file);
  await writeCheckpoint(file, state, {
    spec: net.spec,
    dataSet: storedDataSetInfo(checkpoint),
    accuracy,
    epoch: checkpoint.manifest?.epoch ?? 0,
    isFinished: true,
    version: packageVersion(),
  });
};

const makeDumpFolder = (folder: string): Promise<unknown> =>
  mkdir(folder, { recursive: true }).catch((cause) => {
    throw new QpruneError(
      `${option("dump")} ${folder}: the folder cannot be created: ${cause.message}`,
      { kind: "usage", hint: `Choose another folder with ${option("dump")}.`, cause },
    );
  });

const chooseFiles = async ({ options }: MergeCall, model: string): Promise<MergeFiles> => {
  const before = options.save_before ?? QUANTIZED_FILE;
  const after = await chooseOutputFile({
    ...options,
    defaultPath: MERGED_FILE,
    inputs: [model, before],
  });
  await chooseOutputFile({
    save: options.save_before,
    defaultPath: QUANTIZED_FILE,
    // The default file may be both read and overwritten, as in the reference scripts.
    inputs: options.save_before === undefined ? [] : [model],
    force: options.force,
  });
  return { before, after };
};

/** Compares and measures both nets, then writes them. */
const finish = async (
  sides: readonly [MergeSide, MergeSide],
  read: StoredNet,
  data: TestData,
  call: MergeCall,
  context: WorkflowContext,
): Promise<MergeResult> => {
  const { options } = call;
  const { checkpoint, spec } = read;
  const [before, after] = sides;
  const images = uniformImages(spec.input, INPUTS, SEED);
  try {
    const agreement = compareNets(before.net, after.net, images);
    const [timeBefore = Number.NaN, timeAfter = Number.NaN] = measureTimes(
      [before.net, after.net],
      images,
      context.now,
    );
    const measured = [
      await measureSide(before, timeBefore, data, call, context.signal),
      await measureSide(after, timeAfter, data, call, context.signal),
    ] as const;
    const origin = await provenanceOf(checkpoint);
    for (const [index, side] of sides.entries()) {
      await writeSide(side, read, measured[index]?.test?.accuracy);
      await writeProvenance(side.file, { ...call, origin }, context);
    }
    const dumped: string[] = [];
    for (const { name, net, state } of options.dump === undefined ? [] : sides) {
      dumped.push(...(await dumpNet(options.dump as string, name, net, state)));
    }
    return {
      model: checkpoint.path,
      spec,
      agreement,
      before: measured[0],
      after: measured[1],
      untested: data.kind === "none" ? data.untested : undefined,
      dumped,
    };
  } finally {
    images.dispose();
  }
};

/**
 * Folds the batch norms of a trained net: quantizes its weights, merges, compares both nets, and writes both.
 * @throws QpruneError if a file cannot be read or written, or options contradict the file.
 */
export const mergeModel = async (
  call: MergeCall,
  context: WorkflowContext,
): Promise<MergeResult> => {
  const { options, given } = call;
  const read = await readMergeNet(call, context);
  const { checkpoint, spec } = read;
  const files = await chooseFiles(call, checkpoint.path);
  if (options.dump !== undefined) await makeDumpFolder(options.dump);
  const dataSet = storedDataSetInfo(checkpoint);
  const tested = { path: checkpoint.path, dataSet, classes: spec.classes };
  const data = await openTestData(options, given, tested, context);
  await startEngine(options.engine, context);
  const sides = makeSides(read, files);
  try {
    return await finish(sides, read, data, call, context);
  } finally {
    for (const { net } of sides) net.dispose();
  }
};
