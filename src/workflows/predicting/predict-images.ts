import type { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { jsonText } from "../../base/visible-text.js";
import { runningNet } from "../../checkpoint/running-net.js";
import type { DataSetInfo } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import type { predictOptions } from "../../options/commands/predict-options.js";
import type { CommandContext } from "../../cli/command.js";
import { startEngine } from "../start-engine.js";
import { readStoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo, UNTOLD } from "../nets/stored-spec.js";
import { shellCommand } from "../../options/shell-command.js";
import { type InputImage, inputImages } from "./input-images.js";
import { predictImages } from "./predict-batches.js";
import { predictionText, topClasses } from "./prediction.js";

type PredictOptions = z.output<typeof predictOptions>;

/** Names of the classes, where the file tells as many as its net has. */
const classNamesOf = ({ classNames }: DataSetInfo, { spec }: Net): readonly string[] =>
  classNames.length === spec.classes ? classNames : [];

/** Predicts one batch and writes its results in the order of the images; returns those that are damaged. */
const predictBatch = (
  net: Net,
  batch: readonly InputImage[],
  info: DataSetInfo,
  { top, json }: PredictOptions,
  { stdout, stderr }: CommandContext,
): InputImage[] => {
  const whole = batch.flatMap((each) => ("pixels" in each ? [each.pixels] : []));
  const results = whole.length > 0 ? predictImages(net, whole, info) : [];
  const names = classNamesOf(info, net);
  const damaged: InputImage[] = [];
  for (const image of batch) {
    if ("damage" in image) {
      damaged.push(image);
      const { name, damage } = image;
      if (json) stdout.write(`${jsonText({ image: name, error: damage })}\n`);
      else stderr.write(`${name} cannot be read: ${damage}\n`);
      continue;
    }
    const predictions = topClasses(results.shift() ?? [], names, top);
    stdout.write(
      json
        ? `${jsonText({ image: image.name, predictions })}\n`
        : predictionText(image.name, predictions),
    );
  }
  return damaged;
};

/** What is said at the end of images that could not be read. */
const damageError = (
  damaged: readonly InputImage[],
  { file, images }: Pick<PredictOptions, "file" | "images">,
): QpruneError => {
  const predicted = images.length - damaged.length;
  const others = predicted === 1 ? "the other was" : `the other ${predicted} were`;
  const patterns = damaged.flatMap((image) => ("patterns" in image ? image.patterns : []));
  const inFolders =
    patterns.length > 0
      ? ` Images in folders: ${shellCommand(["predict", file])} ${patterns.join(" ")}`
      : "";
  return new QpruneError(`${damaged.length} of ${images.length} named images could not be read.`, {
    hint: `The reasons are above; ${predicted === 0 ? "nothing was" : others} predicted.${inFolders}`,
  });
};

/**
 * Says what images show, batch by batch. Damaged ones are named while the others are predicted.
 * @throws QpruneError at the end where there were any.
 */
export const runPredict = async (
  options: PredictOptions,
  context: CommandContext,
): Promise<void> => {
  const { checkpoint, spec } = await readStoredNet(options.file, options);
  const info = { ...storedDataSetInfo(checkpoint), ...spec.input, channels: 3 as const };
  if (!checkpoint.manifest) context.stderr.write(`${UNTOLD}\n`);
  await startEngine(options.engine ?? "auto", context);
  const net = runningNet(spec, checkpoint);
  const { batch_size: batchSize, num_workers: workers } = options;
  const damaged: InputImage[] = [];
  try {
    for await (const batch of inputImages(options.images, info, { batchSize, workers })) {
      context.signal.throwIfAborted();
      damaged.push(...predictBatch(net, batch, info, options, context));
    }
  } finally {
    net.dispose();
  }
  if (damaged.length > 0) throw damageError(damaged, options);
};
