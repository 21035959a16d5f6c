import { parse } from "node:path";
import { usageError } from "../../base/errors.js";
import { writeCheckpoint } from "../../checkpoint/checkpoint.js";
import { readModel } from "../../checkpoint/read-model.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { modelState } from "../../checkpoint/tensors/model-state.js";
import { packageVersion } from "../../files/package-version.js";
import { type Graph, shapesOf } from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import type { Quantization } from "../../graph/quantizers.js";
import { sizeOf } from "../../graph/shape.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { type GraphSpec, graphOf, type NetSpec, specOfGraph } from "../../models/net-spec.js";
import { isQuantized } from "../../ptq/prepare-model.js";
import {
  type LayerBits,
  type QuantizedModel,
  type QuantizeModelOptions,
  quantizeModel,
} from "../../ptq/quantize-model.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";
import type { WorkflowContext } from "../context.js";
import { provenanceOf, writeProvenance } from "../history/provenance.js";
import { readStoredNet, type StoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { chooseOutputFile, moveAside } from "../outputs/output-file.js";
import { startEngine } from "../start-engine.js";
import {
  openTestData,
  type TestData,
  type Tested,
  type Untested,
} from "../testing/open-test-data.js";
import { testNet } from "../testing/test-net.js";
import { areConstant, imageBatches, openCalibrationImages } from "./calibration-images.js";
import { layerSettings } from "./layer-settings.js";
import type { PtqCall } from "./ptq-call.js";

/** Numbers of the largest value that a batch of calibration images has, and its images at most. */
const BATCH_NUMBERS = 1 << 24;
const MOST_IN_BATCH = 64;

/** Fewer bits than these gain from AdaRound, and from weight ranges that cut off outliers. */
const MANY_BITS = 8;

/** What `qprune ptq` did. */
export interface PtqResult extends Omit<QuantizedModel, "model"> {
  readonly model: string;
  readonly file: string;
  readonly spec: GraphSpec;
  /** The float net and the quantized one on the test images; undefined if nothing was tested. */
  readonly tests: { readonly float: Evaluation; readonly quantized: Evaluation } | undefined;
  /** Why nothing was tested; undefined if both were. */
  readonly untested: Untested | undefined;
  /** Milliseconds for calibrating and quantizing. */
  readonly milliseconds: number;
}

/** The quantization that is recorded for the net as a whole. */
const quantizationOf = ({ options }: PtqCall): Quantization => ({
  weights: {
    kind: "affine",
    bits: options.wbits,
    isPerChannel: options.weights === "per-channel",
    isSymmetric: options.weight_scheme === "symmetric",
  },
  activations: {
    kind: "affine",
    bits: options.abits,
    isSymmetric: options.scheme === "symmetric",
    range: { kind: "fixed", scale: 1, zero: 0 },
  },
});

const settingsOf = (
  { options }: PtqCall,
  graph: Graph,
  bitsOf: (layer: string) => LayerBits,
): QuantizeModelOptions => {
  const isFew = weightedNodes(graph).some(({ name }) => bitsOf(name).weights < MANY_BITS);
  const isPerChannel = options.weights === "per-channel";
  return {
    observer: options.observer,
    percentile: options.percentile,
    isSymmetric: options.scheme === "symmetric",
    weights: { isPerChannel, isSymmetric: options.weight_scheme === "symmetric" },
    bitsOf,
    joinBits: MANY_BITS,
    equalizes: options.equalize ?? !isPerChannel,
    worstInFloat: options.keep_float_worst,
    clipsWeights: (options.weight_range ?? (isFew ? "mse" : "minmax")) === "mse",
    roundingSteps: (options.adaround ?? isFew) ? options.adaround_steps : 0,
    matchesVariance: options.match_variance,
    correctsBias: options.bias_correction,
    seed: options.seed,
  };
};

/** @throws QpruneError (usage) if the net is quantized already. */
const checkFloat = (spec: NetSpec, path: string): void => {
  if (!isQuantized(graphOf(spec))) return;
  throw usageError(
    `${path} has quantized weights or activations already.`,
    "Give a net in full precision: quantizing it twice would add up both errors.",
  );
};

const specOfModel = (call: PtqCall, { spec }: StoredNet, { graph }: Model): GraphSpec =>
  specOfGraph({ arch: spec.arch, graph, quantization: quantizationOf(call), form: "merged" });

/** The test images, unless the net has other classes than they. */
const testDataOf = async (
  { options, given }: PtqCall,
  tested: Tested,
  sameClasses: boolean,
  name: string,
  context: WorkflowContext,
): Promise<TestData> => {
  if (options.test && !sameClasses)
    return {
      kind: "none",
      untested: { because: "other classes", dataSet: name, file: tested.path },
    };
  return openTestData(options, given, tested, context);
};

/** Runs models in memory. */
const runner = (call: PtqCall, read: StoredNet) => (model: Model, observed?: ReadonlySet<string>) =>
  runningNet(
    specOfModel(call, read, model),
    { path: read.checkpoint.path, state: modelState(model), manifest: undefined },
    observed && { observed },
  );

const testBoth = async (
  read: StoredNet,
  quantized: GraphSpec,
  model: Model,
  data: TestData,
  { options }: PtqCall,
  { signal }: WorkflowContext,
): Promise<PtqResult["tests"]> => {
  if (data.kind === "none") return undefined;
  const { checkpoint, spec } = read;
  const nets = [
    () => runningNet(spec, checkpoint),
    () =>
      runningNet(quantized, {
        path: checkpoint.path,
        state: modelState(model),
        manifest: undefined,
      }),
  ];
  const results: Evaluation[] = [];
  for (const make of nets) {
    const net = make();
    try {
      results.push(await testNet(net, data.dataSet, options, signal));
    } finally {
      net.dispose();
    }
  }
  const [float, own] = results as [Evaluation, Evaluation];
  return { float, quantized: own };
};

/**
 * Quantizes the net of a file after its training with images to calibrate on, and writes it as a merged net.
 * @throws QpruneError if the file or the images cannot be read, the net is quantized already, or options do not fit it.
 */
export const quantizeTrained = async (
  call: PtqCall,
  context: WorkflowContext,
): Promise<PtqResult> => {
  const { options } = call;
  const read = await readStoredNet(options.file, options);
  const { checkpoint, spec } = read;
  const { path } = checkpoint;
  checkFloat(spec, path);
  const graph = graphOf(spec);
  const bitsOf = await layerSettings(call, graph);
  const file = await chooseOutputFile({
    ...options,
    defaultPath: `models_save/ptq/${parse(path).name}.safetensors`,
    inputs: [path],
  });
  const dataSet = storedDataSetInfo(checkpoint);
  const chosen = { path, dataSet, count: options.calibration, options };
  const calibration = await openCalibrationImages(chosen, context);
  if (areConstant(calibration.images)) {
    throw usageError(
      `All pixels of the calibration images in ${options.data} are the same.`,
      "Give real images: ranges of values cannot be learned from these.",
    );
  }
  const classes = calibration.info.classNames.length;
  const tested = { path, dataSet, classes: spec.classes };
  const { name } = calibration.info;
  const data = await testDataOf(call, tested, classes === spec.classes, name, context);
  await startEngine(options.engine, context);
  const start = context.now();
  const largest = Math.max(...[...shapesOf(graph).values()].map(sizeOf));
  const batchSize = Math.max(1, Math.min(MOST_IN_BATCH, Math.floor(BATCH_NUMBERS / largest)));
  const { images } = calibration;
  const total = images.count;
  const { model, ...quantized } = await quantizeModel(
    readModel(checkpoint, graph),
    settingsOf(call, graph, bitsOf),
    {
      run: runner(call, read),
      batches: imageBatches(calibration, spec, {
        batchSize,
        workers: options.num_workers,
        signal: context.signal,
      }),
      onProgress: (progress) => {
        context.signal.throwIfAborted();
        context.onEvent(
          progress.kind === "observed"
            ? { kind: "quantizing-progress", what: "images", done: progress.images, total }
            : {
                kind: "quantizing-progress",
                what: "layers",
                done: progress.done,
                total: progress.layers,
              },
        );
      },
    },
  );
  const milliseconds = context.now() - start;
  const own = specOfModel(call, read, model);
  const tests = await testBoth(read, own, model, data, call, context);
  const origin = await provenanceOf(checkpoint);
  await moveAside(file);
  await writeCheckpoint(file, modelState(model), {
    spec: own,
    dataSet,
    accuracy: tests?.quantized.accuracy,
    epoch: checkpoint.manifest?.epoch ?? 0,
    isFinished: true,
    version: packageVersion(),
  });
  await writeProvenance(file, { ...call, origin }, context);
  return {
    ...quantized,
    model: path,
    file,
    spec: own,
    tests,
    untested: data.kind === "none" ? data.untested : undefined,
    milliseconds,
  };
};
