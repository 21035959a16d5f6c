import { jsonText } from "../../base/visible-text.js";
import {
  type AugmentCall,
  type AugmentResult,
  augmentImages,
} from "../../workflows/augmenting/augment-images.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";

const augmentPresenter = (
  { options: { json } }: AugmentCall,
  context: CommandContext,
): Presenter<AugmentResult> => {
  const printer = createEventPrinter(context, { json });
  return {
    event: printer.event,
    result: (result) => {
      const { file, images, draws } = result;
      const text = `Saved ${file} (${images} images in ${draws} epochs)\n`;
      context.stdout.write(json ? `${jsonText(result)}\n` : text);
    },
    close: printer.close,
  };
};

/** Writes a page of augmented training images and prints its name. */
export const runAugment = (call: AugmentCall, context: CommandContext): Promise<void> =>
  present((workflow) => augmentImages(call, workflow), augmentPresenter(call, context), context);
