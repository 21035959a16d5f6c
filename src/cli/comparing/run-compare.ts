import { uniformImages } from "../../bnmerge/compare-nets.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { usageError } from "../../core/errors.js";
import { writeFileAtomically } from "../../files/write-file-atomically.js";
import type { Net } from "../../models/net.js";
import type { ComparedTest, Comparison } from "../../report/comparison/comparison.js";
import { comparisonJson } from "../../report/comparison/comparison-json.js";
import { comparisonText } from "../../report/comparison/comparison-text.js";
import type { CommandContext } from "../command.js";
import { startEngine } from "../engine/start-engine.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { keepAside } from "../output/output-file.js";
import { measureTimes } from "../testing/measure-times.js";
import { openTestData, type TestData } from "../testing/open-test-data.js";
import { testLoader } from "../testing/test-net.js";
import { changedImages } from "./changed-images.js";
import { checkJsonFile, checkPageFile } from "./check-comparison-files.js";
import type { CompareCall } from "./compare-call.js";
import { comparedNet } from "./compared-net.js";
import { readComparedNets } from "./read-compared-nets.js";
import { testNets } from "./test-nets.js";
import { testProgress } from "./test-progress.js";

/** Images of the batch by which the speed is measured, and the seed that they are drawn from. */
const SPEED_BATCH = 32;
const SPEED_SEED = 1;

/** The images to test on: those of the first file that tells them. */
const openImages = async (
  { options, given }: CompareCall,
  nets: readonly StoredNet[],
  context: CommandContext,
): Promise<TestData> => {
  const told = nets.find(({ checkpoint }) => checkpoint.manifest) ?? (nets[0] as StoredNet);
  const { checkpoint, spec } = told;
  const { path } = checkpoint;
  const tested = { path, dataSet: storedDataSetInfo(checkpoint), classes: spec.classes };
  const data = await openTestData(options, given, tested, context);
  if (data.kind === "none") return data;
  const { name, height, width, channels } = data.dataSet.info;
  const { input } = spec;
  if (input.height === height && input.width === width && input.channels === channels) return data;
  throw usageError(
    `${checkpoint.path} takes images of ${input.height}x${input.width}, but those of ${name} have ${height}x${width}.`,
    "Choose the data set that the file was trained on with --dataset.",
  );
};

/** Images a second of every net, on a batch that is drawn. */
const measureSpeeds = (nets: readonly Net[], { now }: CommandContext): number[] => {
  const images = uniformImages((nets[0] as Net).spec.input, SPEED_BATCH, SPEED_SEED);
  const times = measureTimes(nets, images, now);
  images.dispose();
  return times.map((milliseconds) => (1000 * SPEED_BATCH) / milliseconds);
};

/** What only running nets tell. */
interface Measured {
  readonly speeds: readonly number[];
  readonly tests: readonly ComparedTest[] | undefined;
  readonly images: Comparison["images"];
}

const measureNets = async (
  nets: readonly Net[],
  data: TestData,
  { options }: CompareCall,
  context: CommandContext,
): Promise<Measured> => {
  const speeds = measureSpeeds(nets, context);
  if (data.kind === "none") {
    return { speeds, tests: undefined, images: { kind: "none", why: data.why } };
  }
  const { info, test } = data.dataSet;
  const loader = testLoader(data.dataSet, options);
  const shown = { nets: nets.length, images: test.count, json: options.json };
  const progress = testProgress(context, shown);
  const onBatch = (seen: number): void => {
    context.signal.throwIfAborted();
    progress.seen(seen);
  };
  const { tests, chosen } = await testNets(nets, data.dataSet, loader, onBatch).finally(() => {
    progress.close();
    return loader.close();
  });
  const { name: dataSet, classNames, height, width } = info;
  const told = { dataSet, count: test.count, classNames, height, width };
  return {
    speeds,
    tests,
    images: { kind: "tested", ...told, ...changedImages(data.dataSet, chosen) },
  };
};

const compareNets = async (
  stored: readonly StoredNet[],
  data: TestData,
  call: CompareCall,
  context: CommandContext,
): Promise<Comparison> => {
  const running: Net[] = [];
  try {
    for (const { spec, checkpoint } of stored) running.push(runningNet(spec, checkpoint));
    const { speeds, tests, images } = await measureNets(running, data, call, context);
    const nets = [];
    for (const [at, net] of stored.entries()) {
      nets.push({
        ...(await comparedNet(net, at)),
        imagesPerSecond: speeds[at] as number,
        test: tests?.[at] ?? null,
      });
    }
    return { nets, images, speedBatch: SPEED_BATCH };
  } finally {
    for (const net of running) net.dispose();
  }
};

/** An earlier file of that name is kept. */
const writeAside = async (path: string, text: string): Promise<void> => {
  await keepAside(path);
  await writeFileAtomically(path, [new TextEncoder().encode(text)]);
};

const writePage = async (path: string, comparison: Comparison): Promise<void> => {
  const { comparisonPage } = await import("../../report/comparison/page/comparison-page.js");
  await writeAside(path, await comparisonPage(comparison));
};

/** Compares the nets of files: a table or an object on stdout, and the files that are asked for. */
export const runCompare = async (call: CompareCall, context: CommandContext): Promise<void> => {
  const { html, save, json, engine } = call.options;
  if (save !== undefined) await checkJsonFile(save);
  if (html !== undefined) {
    await checkPageFile(html);
    const { loadVega } = await import("../../report/charts/load-vega.js");
    await loadVega();
  }
  const stored = await readComparedNets(call);
  const data = await openImages(call, stored, context);
  await startEngine(engine ?? "auto", context);
  const comparison = await compareNets(stored, data, call, context);
  const text = `${JSON.stringify(comparisonJson(comparison))}\n`;
  if (save !== undefined) await writeAside(save, text);
  if (html !== undefined) await writePage(html, comparison);
  const { stdout, stderr } = context;
  stdout.write(json ? text : comparisonText(comparison));
  for (const path of [save, html]) {
    if (path !== undefined) (json ? stderr : stdout).write(`Saved ${path}\n`);
  }
};
