import { mkdir } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { jsonText } from "../../base/visible-text.js";
import { compareNets, uniformImages } from "../../bnmerge/compare-nets.js";
import { mergeNet } from "../../bnmerge/merge-net.js";
import { writeCheckpoint } from "../../checkpoint/checkpoint.js";
import { mergedState } from "../../checkpoint/merged-state.js";
import type { StateDict } from "../../checkpoint/net-state.js";
import { readNetWeights, weightsState } from "../../checkpoint/net-weights.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { bakeWeights } from "../../models/bake-weights.js";
import type { Net } from "../../models/net.js";
import type { NetSpec } from "../../models/spec.js";
import { BAKED_FILE, MERGED_FILE } from "../../options/commands/merge-options.js";
import type { CommandContext } from "../../cli/command.js";
import { startEngine } from "../start-engine.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { callsThatMade, writeMadeHistory } from "../outputs/provenance.js";
import { chooseOutputFile, moveAside } from "../outputs/output-file.js";
import { measureTimes } from "../images/measure-times.js";
import { openTestData, type TestData } from "../images/open-test-data.js";
import { testNet } from "../images/test-net.js";
import { packageVersion } from "../../files/package-version.js";
import { dumpNet } from "../../cli/merging/dump-net.js";
import type { MergeCall } from "./merge-call.js";
import { mergeJson } from "../../cli/merging/merge-json.js";
import type { MeasuredNet, MergeResult } from "./merge-result.js";
import { mergeText } from "../../cli/merging/merge-text.js";
import { readMergeNet } from "./read-merge-net.js";

const INPUTS = 100;
const SEED = 1;

/** A net of its own form, with the tensors that its file holds. */
interface Written {
  readonly name: "quan_model" | "quan_bn_merge_model";
  readonly file: string;
  readonly state: StateDict;
  readonly net: Net;
}

const makeNets = (
  { checkpoint, spec }: StoredNet,
  files: { before: string; after: string },
): [Written, Written] => {
  const baked = bakeWeights(spec, readNetWeights(checkpoint, spec));
  const merged = mergeNet(baked.spec, baked.weights);
  const written = (
    name: Written["name"],
    file: string,
    madeSpec: NetSpec,
    state: StateDict,
  ): Written => ({
    name,
    file,
    state,
    net: runningNet(madeSpec, { path: checkpoint.path, state, manifest: undefined }),
  });
  const [bakedState, mergedTensors] = [
    weightsState(baked.spec, baked.weights),
    mergedState(merged.spec, merged.weights),
  ];
  return [
    written("quan_model", files.before, baked.spec, bakedState),
    written("quan_bn_merge_model", files.after, merged.spec, mergedTensors),
  ];
};

const measured = async (
  { file, net, state }: Written,
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

const write = async (
  { file, net, state }: Written,
  { checkpoint }: StoredNet,
  accuracy: number | undefined,
) => {
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
    throw new QpruneError(`--dump ${folder}: the folder cannot be made: ${cause.message}`, {
      kind: "usage",
      hint: "Give --dump another folder.",
      cause,
    });
  });

/** Bakes and merges a trained net, compares both, and writes both. */
export const runMerge = async (call: MergeCall, context: CommandContext): Promise<void> => {
  const { options, given } = call;
  const read = await readMergeNet(call, context);
  const { checkpoint, spec } = read;
  const before = options.save_before ?? BAKED_FILE;
  const after = await chooseOutputFile({
    ...options,
    defaultPath: MERGED_FILE,
    inputs: [checkpoint.path, before],
  });
  await chooseOutputFile({
    save: options.save_before,
    defaultPath: BAKED_FILE,
    // The default has always been written over whatever is read.
    inputs: options.save_before === undefined ? [] : [checkpoint.path],
    force: options.force,
  });
  if (options.dump !== undefined) await makeDumpFolder(options.dump);
  const data = await openTestData(
    options,
    given,
    {
      path: checkpoint.path,
      dataSet: storedDataSetInfo(checkpoint),
      classes: spec.classes,
    },
    context,
  );
  await startEngine(options.engine ?? "auto", context);
  const nets = makeNets(read, { before, after });
  const images = uniformImages(spec.input, INPUTS, SEED);
  try {
    const agreement = compareNets(nets[0].net, nets[1].net, images);
    const [timeBefore = Number.NaN, timeAfter = Number.NaN] = measureTimes(
      [nets[0].net, nets[1].net],
      images,
      context.now,
    );
    const sides = [
      await measured(nets[0], timeBefore, data, call, context.signal),
      await measured(nets[1], timeAfter, data, call, context.signal),
    ] as const;
    const origin = await callsThatMade(checkpoint);
    for (const [at, net] of nets.entries()) {
      await write(net, read, sides[at]?.test?.accuracy);
      await writeMadeHistory(net.file, { ...call, origin }, context);
    }
    const dumped: string[] = [];
    for (const { name, net, state } of options.dump === undefined ? [] : nets) {
      dumped.push(...(await dumpNet(options.dump as string, name, net, state)));
    }
    const result: MergeResult = {
      model: checkpoint.path,
      spec,
      agreement,
      before: sides[0],
      after: sides[1],
      untested: data.kind === "none" ? data.why : undefined,
      dumped,
    };
    const shown = options.json ? `${jsonText(mergeJson(result))}\n` : mergeText(result);
    context.stdout.write(shown);
  } finally {
    images.dispose();
    for (const { net } of nets) net.dispose();
  }
};
