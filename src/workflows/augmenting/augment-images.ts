import { randomPermutation } from "../../base/random.js";
import { drawMixShares, mixPartner } from "../../data/augmentation/mixup.js";
import type { StrongAugmentation } from "../../data/augmentation/strong-augmentation.js";
import { STREAM } from "../../data/batches/augmentation.js";
import { batchPreparer } from "../../data/batches/batch-preparer.js";
import type { DataSet } from "../../data/data-set.js";
import { writeTextAtomically } from "../../files/writing/write-file-atomically.js";
import type { augmentOptions } from "../../options/commands/augment-options.js";
import { resolveAugmentation } from "../../options/resolve-augmentation.js";
import { augmentationPage } from "../../report/augmentation/augmentation-page.js";
import type {
  AugmentationSheet,
  AugmentedImage,
  DrawnImage,
} from "../../report/augmentation/augmentation-sheet.js";
import type { Call } from "../call.js";
import type { WorkflowContext } from "../context.js";
import { openDataSet } from "../images/open-data-set.js";
import { pixelBytes } from "../images/pixel-bytes.js";
import { checkPageFile } from "../outputs/check-page-file.js";
import { keepAside } from "../outputs/output-file.js";
import { withDetectedDataSet } from "../training/checks/detect-data-set.js";
import { DEFAULT_SIDES } from "../training/with-recorded-size.js";

export type AugmentCall = Omit<Call<typeof augmentOptions>, "argv">;

/** The page that was written. */
export interface AugmentResult {
  readonly file: string;
  readonly images: number;
  readonly draws: number;
}

/** The training images to show: the first ones of a run with this seed. */
interface Shown {
  readonly dataSet: DataSet;
  readonly samples: Uint32Array;
  readonly seed: number;
  readonly strong: StrongAugmentation | undefined;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

/** What each image is trained toward in an epoch, in words. */
const labelsIn = (epoch: number, { dataSet, samples, seed, strong }: Shown): string[] => {
  const { info, train } = dataSet;
  const names = Array.from(samples, (sample) => info.classNames[train.labels[sample] as number]);
  if (strong?.mixup === undefined) return names.map(String);
  const shares = drawMixShares(strong.mixup, seed, epoch, samples);
  return names.map((name, place) => {
    const other = names[mixPartner(place, names.length)];
    const share = shares[place] as number;
    return `${percent(share)} ${name}, ${percent(1 - share)} ${other}`;
  });
};

/** The images of one epoch, or as they are tested. */
const drawImages = (shown: Shown, epoch: number | "tested"): DrawnImage[] => {
  const { dataSet, samples, seed, strong } = shown;
  const { info, train } = dataSet;
  const isTested = epoch === "tested";
  const mode = isTested ? "evaluate" : "train";
  const prepare = batchPreparer({ ...train, info, mode, seed, strong });
  const number = isTested ? 0 : epoch;
  const values = prepare({ epoch: number, samples, isWeak: isTested });
  const size = info.height * info.width * info.channels;
  const labels = labelsIn(number, isTested ? { ...shown, strong: undefined } : shown);
  return labels.map((label, place) => ({
    label,
    pixels: pixelBytes(values.subarray(place * size, (place + 1) * size), info),
  }));
};

/** The augmentation in words. */
const augmentationTexts = (
  { augmentation: { cropPadding, mirror, resizedCrop } }: DataSet["info"],
  strong: StrongAugmentation | undefined,
): string[] => {
  const { randAugment, cutout, randomErasing, mixup } = strong ?? {};
  const texts = [
    resizedCrop && "random crops",
    cropPadding > 0 && !resizedCrop && `shifts of up to ${cropPadding} pixels`,
    mirror && "mirroring",
    randAugment &&
      `RandAugment with ${randAugment.operations} operations of strength ${randAugment.strength}`,
    cutout !== undefined && `cutout of ${cutout} pixels`,
    randomErasing !== undefined && `random erasing with probability ${randomErasing}`,
    mixup !== undefined && `mixup with alpha ${mixup}`,
  ].filter((text) => typeof text === "string");
  return texts.length === 0 ? ["no augmentation"] : texts;
};

const sheetOf = (shown: Shown, draws: number): AugmentationSheet => {
  const { dataSet, samples, strong } = shown;
  const { info, train } = dataSet;
  const plain = drawImages(shown, "tested");
  const epochs = Array.from({ length: draws }, (_, index) => drawImages(shown, index + 1));
  const images = plain.map((image, place): AugmentedImage => {
    const sample = samples[place] as number;
    return {
      name: train.paths?.[sample] ?? `no. ${sample}`,
      plain: image,
      drawn: epochs.map((epoch) => epoch[place] as DrawnImage),
    };
  });
  const { name: dataSetName, height, width } = info;
  const augmentation = augmentationTexts(info, strong);
  return { dataSet: dataSetName, height, width, augmentation, images };
};

/**
 * Writes a page with training images as nets see them in their first epochs, by the same draws as training with the same
 * seed and options. With mixup, the images on the page are mixed with each other.
 * @throws QpruneError (usage) if there are no images, or the page cannot be written.
 */
export const augmentImages = async (
  asked: AugmentCall,
  context: WorkflowContext,
): Promise<AugmentResult> => {
  const { html: file, images, draws, seed } = asked.options;
  await checkPageFile(file);
  const single = { evaluate: false, resume: undefined, refine: undefined };
  const { options } = await withDetectedDataSet({
    given: asked.given,
    options: { ...asked.options, ...single, download: undefined },
  });
  const side = asked.given.has("image_size") ? undefined : DEFAULT_SIDES[options.dataset];
  const dataSet = await openDataSet(
    { ...options, download: false, image_size: side ?? options.image_size },
    context,
  );
  const { count } = dataSet.train;
  const samples = randomPermutation(count, seed, STREAM.order, 1).slice(0, images);
  const shown = { dataSet, samples, seed, strong: resolveAugmentation(options) };
  const page = augmentationPage(sheetOf(shown, draws));
  await keepAside(file);
  await writeTextAtomically(file, page);
  return { file, images: samples.length, draws };
};
