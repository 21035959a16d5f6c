import { QpruneError } from "../../base/errors.js";
import { jsonText, visibleText } from "../../base/visible-text.js";
import { shellCommand } from "../../options/names/shell-command.js";
import type { ClassProbability, FoundObject } from "../../workflows/events.js";
import type { PredictCall } from "../../workflows/predicting/predict-call.js";
import { type PredictResult, predictImages } from "../../workflows/predicting/predict-images.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";

/** The classes of an image, one per line. */
const predictionText = (image: string, predictions: readonly ClassProbability[]): string => {
  const lines = predictions.map(
    (each) =>
      `  ${`${(100 * each.probability).toFixed(2)}%`.padStart(7)}  ${visibleText(each.class)}\n`,
  );
  return `${visibleText(image)}\n${lines.join("")}`;
};

/** The objects in an image, one per line, with the edges of their boxes in pixels. */
const objectsText = (image: string, objects: readonly FoundObject[]): string => {
  const lines = objects.map(({ class: name, score, left, top, width, height }) => {
    const percent = `${(100 * score).toFixed(2)}%`.padStart(7);
    const edges = [left, top, left + width, top + height].map((edge) => edge.toFixed(1)).join(", ");
    return `  ${percent}  ${visibleText(name)}  (${edges})\n`;
  });
  return `${visibleText(image)}\n${lines.length === 0 ? "  no objects\n" : lines.join("")}`;
};

/** The error for images that could not be read, thrown after all others were predicted. */
const unreadableError = ({ file, predicted, unreadable }: PredictResult): QpruneError => {
  const named = predicted.length + unreadable.length;
  const others = predicted.length === 1 ? "the other was" : `the other ${predicted.length} were`;
  const patterns = unreadable.flatMap((image) => image.patterns);
  const inFolders =
    patterns.length > 0
      ? ` Images in folders: ${shellCommand(["predict", file])} ${patterns.join(" ")}`
      : "";
  return new QpruneError(`${unreadable.length} of ${named} named images could not be read.`, {
    hint: `The reasons are above; ${predicted.length === 0 ? "nothing was" : others} classified.${inFolders}`,
  });
};

const predictPresenter = (
  { options: { json } }: PredictCall,
  context: CommandContext,
): Presenter<PredictResult> => {
  const { stdout, stderr } = context;
  const printer = createEventPrinter(context, { json });
  return {
    event: (event) => {
      switch (event.kind) {
        case "predicted": {
          const { kind: _, ...predicted } = event;
          const { image, predictions, objects } = predicted;
          if (json) return stdout.write(`${jsonText(objects ? { image, objects } : predicted)}\n`);
          const text = objects ? objectsText(image, objects) : predictionText(image, predictions);
          stdout.write(text);
          return;
        }
        case "unreadable-image": {
          const { image, reason } = event;
          if (json) return stdout.write(`${jsonText({ image, error: reason })}\n`);
          stderr.write(`${image} cannot be read: ${reason}\n`);
          return;
        }
        default:
          printer.event(event);
      }
    },
    result: (result) => {
      if (result.unreadable.length > 0) throw unreadableError(result);
    },
    close: printer.close,
  };
};

/** Classifies images and prints each result as soon as it is known. */
export const runPredict = (call: PredictCall, context: CommandContext): Promise<void> =>
  present((workflow) => predictImages(call, workflow), predictPresenter(call, context), context);
