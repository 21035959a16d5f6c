import { uniformImages } from "../../bnmerge/compare-nets.js";
import { isOwnImages } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import type { ComparedTest, Comparison } from "../../report/comparison/comparison.js";
import type { WorkflowContext } from "../context.js";
import { measureTimes } from "../testing/measure-times.js";
import { type TestData, untestedReason } from "../testing/open-test-data.js";
import { testLoader } from "../testing/test-net.js";
import { changedImages } from "./changed-images.js";
import type { CompareCall } from "./compare-call.js";
import { testDetectors } from "./test-detectors.js";
import { testNets } from "./test-nets.js";

/** Size and seed of the random batch that the speed is measured with. */
export const SPEED_BATCH = 32;
const SPEED_SEED = 1;

/** Images per second of every net, on a random batch. */
const measureSpeeds = (nets: readonly Net[], { now }: WorkflowContext): number[] => {
  const images = uniformImages((nets[0] as Net).spec.input, SPEED_BATCH, SPEED_SEED);
  const times = measureTimes(nets, images, now);
  images.dispose();
  return times.map((milliseconds) => (1000 * SPEED_BATCH) / milliseconds);
};

/** Measurements that need running nets. */
interface Measured {
  readonly speeds: readonly number[];
  readonly tests: readonly ComparedTest[] | undefined;
  readonly images: Comparison["images"];
}

/** Measures the speed of running nets, and tests them if there are images. */
export const measureNets = async (
  nets: readonly Net[],
  data: TestData,
  { options }: CompareCall,
  context: WorkflowContext,
): Promise<Measured> => {
  const speeds = measureSpeeds(nets, context);
  if (data.kind === "none") {
    return {
      speeds,
      tests: undefined,
      images: { kind: "none", why: untestedReason(data.untested) },
    };
  }
  const { info, test } = data.dataSet;
  const loader = testLoader(data.dataSet, options);
  const onBatch = (imagesSeen: number): void => {
    context.signal.throwIfAborted();
    context.onEvent({ kind: "testing", nets: nets.length, imagesSeen, images: test.count });
  };
  const testAll = async () => {
    if (info.hasBoxes) return testDetectors(nets, data.dataSet, loader, onBatch);
    const { tests, chosen } = await testNets(nets, data.dataSet, loader, onBatch);
    return { tests, ...changedImages(data.dataSet, chosen) };
  };
  const { tests, ...imagesShown } = await testAll().finally(() => loader.close());
  const { name: dataSet, classNames, height, width } = info;
  const folder = isOwnImages(dataSet) ? options.data : null;
  const about = { dataSet, folder, count: test.count, classNames, height, width };
  return {
    speeds,
    tests,
    images: { kind: "tested", ...about, ...imagesShown },
  };
};
