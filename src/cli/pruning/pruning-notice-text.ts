import { shownNames } from "../../base/shown-names.js";
import { shellCommand } from "../../options/names/shell-command.js";
import type { PruningNotice } from "../../workflows/pruning/pruning-notices.js";
import { unrecordedTraining } from "../texts/unrecorded-training.js";

const SPARSE_TRAINING = ["prune", "-sr", "--s", "0.001", "--refine"];

/** A notice as a sentence; `dataFlags` are the flags for the images of the net in `model`. */
export const pruningNoticeText = (
  notice: PruningNotice,
  { model, dataFlags }: { readonly model: string; readonly dataFlags: readonly string[] },
): string => {
  switch (notice.kind) {
    case "close gammas": {
      const [low, high] = [notice.low, notice.high].map((gamma) => gamma.toFixed(3));
      const train = shellCommand([...SPARSE_TRAINING, model, ...dataFlags]);
      return `The gammas are nearly equal (middle 90%: ${low} to ${high}), so importance hardly distinguishes the channels. Sparse training, or more of it, spreads them: ${train}`;
    }
    case "emptied layers":
      return `One channel is left in ${shownNames(notice.names)}: none was above the threshold. Refining may not restore what these layers computed; --min-width keeps more channels.`;
    case "unranked layers":
      return `No batch norm ranks the channels of ${shownNames(notice.names)}: they are all kept. Rank by filters with --importance l1.`;
    case "quantized net":
      return "The net is quantized: its latent weights are pruned. Scales and means then cover fewer weights, so the smaller net may differ from the masked one.";
    case "multiples of groups":
      return `The net has groups: widths are multiples of ${notice.multiple} and of the groups on both sides.`;
    case "unrecorded training":
      return unrecordedTraining(notice);
  }
};
