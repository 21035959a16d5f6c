import { dirname, join } from "node:path";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { jsonText } from "../../base/visible-text.js";
import { writeCheckpoint } from "../../checkpoint/checkpoint.js";
import { modelCodes, modelState } from "../../checkpoint/tensors/model-state.js";
import { packageVersion } from "../../files/package-version.js";
import { writeTextAtomically } from "../../files/writing/write-file-atomically.js";
import { graphCost } from "../../graph/cost.js";
import type { Model } from "../../graph/model.js";
import { type NetSpec, specOfModel } from "../../models/net-spec.js";
import { foldConstants } from "../../prune/apply/fold-constants.js";
import { maskModel } from "../../prune/apply/mask-model.js";
import { pruneWeights } from "../../prune/apply/prune-weights.js";
import type { PrunePlan } from "../../prune/plan/plan.js";
import type { WorkflowContext } from "../context.js";
import { provenanceOf, writeProvenance } from "../history/provenance.js";
import { recordedImages } from "../images/recorded-images.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { checkFolder } from "../outputs/check-output-path.js";
import { chooseOutputFile, isSameFile, moveAside } from "../outputs/output-file.js";
import { readSensitivity } from "../sensitivity/read-sensitivity.js";
import { startEngine } from "../start-engine.js";
import { openTestData, type TestData } from "../testing/open-test-data.js";
import { calibrate } from "./calibrate.js";
import { checkPruningOptions } from "./check-pruning-options.js";
import { createLatencyMeter } from "./latency-meter.js";
import { planFile } from "./plan-file.js";
import { type ChosenPlan, type Measurements, planPruning } from "./plan-pruning.js";
import type { PruningCall } from "./pruning-call.js";
import { pruningNotices } from "./pruning-notices.js";
import type { PrunedLayer, PruningResult, PruningTests } from "./pruning-result.js";
import { type ReadNet, readNet } from "./read-net.js";
import { testCandidates } from "./test-candidates.js";

/** @throws QpruneError (usage) if the plan's file cannot be written, or is the net's input or output file. */
const checkPlanPath = async (
  plan: string | undefined,
  others: readonly (string | undefined)[],
): Promise<void> => {
  if (plan === undefined) return;
  const name = option("plan");
  if (!plan.endsWith(".json")) {
    throw usageError(`${name} ${plan}: the name must end in .json.`, `Give ${name} NAME.json.`);
  }
  await checkFolder(dirname(plan), name);
  for (const other of others) {
    if (other !== undefined && (await isSameFile(other, plan))) {
      throw usageError(`${name} ${plan} is a model file.`, "Choose another name for the plan.");
    }
  }
};

/** The smaller net with its plan, and the part of the result that needs no test. */
interface Pruned {
  readonly known: Omit<PruningResult, "tests" | "untested" | "file" | "images">;
  readonly plan: PrunePlan;
  readonly smallSpec: NetSpec;
  readonly small: Model;
}

/** The layers of a plan with the names of their first norms. */
const prunedLayers = ({ plan, map, layers, originalWidths }: ChosenPlan): PrunedLayer[] =>
  plan.layers.map((layer, index) => {
    const norms = layers[index]?.axes.flatMap((axis) => map.axes[axis]?.norms ?? []) ?? [];
    return {
      ...layer,
      name: norms[0]?.name ?? layer.names[0] ?? "",
      originalKept: originalWidths?.[index],
    };
  });

/** Measures what the options need for a plan. */
const measureForPlan = async (
  call: PruningCall,
  read: ReadNet,
  context: WorkflowContext,
): Promise<Measurements> => {
  const { importance, sensitivity: path, target_latency, latency_batch, engine } = call.options;
  const sensitivity = path === undefined ? undefined : await readSensitivity(path);
  const changes = importance === "taylor" ? await calibrate(call, read, context) : undefined;
  if (target_latency === undefined) return { changes, sensitivity };
  await startEngine(engine, context);
  context.onEvent({ kind: "measuring-latency", batch: latency_batch });
  const latency = createLatencyMeter(read, latency_batch, context.now);
  return { changes, sensitivity, latency };
};

/** The plan, with the measured times if they limit it. */
const plan = async (call: PruningCall, read: ReadNet, context: WorkflowContext) => {
  checkPruningOptions(call, read.spec);
  const measured = await measureForPlan(call, read, context);
  const { latency } = measured;
  try {
    const chosen = planPruning(call, read, measured);
    const share = latency?.shareOf(chosen.plan.channels) ?? Number.NaN;
    const times = latency && {
      batch: latency.batch,
      beforeMs: latency.wholeMs,
      afterMs: share * latency.wholeMs,
    };
    return { chosen, times };
  } finally {
    latency?.dispose();
  }
};

/** Plans and applies the pruning; needs an engine only for what is measured. */
const prune = async (
  call: PruningCall,
  read: ReadNet,
  context: WorkflowContext,
): Promise<Pruned> => {
  const { spec, model, checkpoint } = read;
  const { chosen, times } = await plan(call, read, context);
  const { channels } = chosen.plan;
  const folded = foldConstants(model, channels, call.options.absorb);
  const small = pruneWeights(folded.model, channels);
  const smallSpec = specOfModel(spec, small, spec.form);
  const known = {
    model: checkpoint.path,
    spec,
    smallSpec,
    importance: call.options.importance,
    share: chosen.share,
    multiple: call.multiple,
    layers: prunedLayers(chosen),
    betas: folded.reports,
    before: graphCost(model.graph),
    after: graphCost(small.graph),
    latency: times,
    notices: pruningNotices(call, read, chosen),
  };
  return { known, plan: chosen.plan, smallSpec, small };
};

const chooseFile = async (
  { options }: PruningCall,
  { spec, checkpoint }: ReadNet,
): Promise<string | undefined> =>
  options.dry_run
    ? undefined
    : chooseOutputFile({
        ...options,
        defaultPath: join("models_save", "prune", `${spec.arch}_prune.safetensors`),
        inputs: [checkpoint.path],
      });

const findTestData = async (
  { options, given }: PruningCall,
  { spec, checkpoint }: ReadNet,
  context: WorkflowContext,
): Promise<TestData> => {
  if (options.dry_run) return { kind: "none", untested: { because: "dry run" } };
  const dataSet = storedDataSetInfo(checkpoint);
  const tested = { path: checkpoint.path, dataSet, classes: spec.classes };
  return openTestData(options, given, tested, context);
};

const test = async (
  data: TestData,
  { plan, smallSpec, small }: Pruned,
  read: ReadNet,
  call: PruningCall,
  context: WorkflowContext,
): Promise<PruningTests | undefined> => {
  if (data.kind === "none") return undefined;
  const { spec, model } = read;
  const candidates = {
    before: { label: "whole", spec, model },
    masked: { label: "masked", spec, model: maskModel(model, plan.channels) },
    pruned: { label: "pruned", spec: smallSpec, model: small },
  };
  return testCandidates(candidates, read, data.dataSet, call, context);
};

const write = async (
  path: string,
  { smallSpec, small }: Pruned,
  { checkpoint }: ReadNet,
  accuracy: number | undefined,
): Promise<void> => {
  await moveAside(path);
  await writeCheckpoint(path, modelState(small), {
    spec: smallSpec,
    dataSet: storedDataSetInfo(checkpoint),
    accuracy,
    epoch: checkpoint.manifest?.epoch ?? 0,
    isFinished: true,
    ternaryCodes: modelCodes(small),
    version: packageVersion(),
  });
};

/**
 * Prunes the channels of a net: makes a plan, applies it, tests the result if there are images, and saves it. Without
 * images it needs no engine.
 * @throws QpruneError if options do not fit the net, or a file cannot be read or written.
 */
export const pruneModel = async (
  call: PruningCall,
  context: WorkflowContext,
): Promise<PruningResult> => {
  const { options } = call;
  const read = await readNet(call, context);
  const { checkpoint } = read;
  const images = await recordedImages(checkpoint, options.data);
  const pruned = await prune(call, read, context);
  const path = await chooseFile(call, read);
  await checkPlanPath(options.plan, [checkpoint.path, path]);
  const data = await findTestData(call, read, context);
  const tests = await test(data, pruned, read, call, context);
  if (path !== undefined) {
    const origin = await provenanceOf(checkpoint);
    await write(path, pruned, read, tests?.pruned.accuracy);
    await writeProvenance(path, { ...call, origin }, context);
  }
  const untested = data.kind === "none" ? data.untested : undefined;
  const result: PruningResult = { ...pruned.known, images, tests, untested, file: path };
  if (options.plan !== undefined) {
    const text = `${jsonText(planFile(result), 2)}\n`;
    await writeTextAtomically(options.plan, text);
  }
  return result;
};
