import { importanceSpread } from "../../prune/importance-spread.js";
import { isFullPrecision } from "../../quant/quantization.js";
import { UNTOLD } from "../../workflows/nets/stored-spec.js";
import { shellCommand } from "../../options/shell-command.js";
import type { PruningCall } from "../../workflows/pruning/pruning-call.js";
import type { ReadNet } from "../../workflows/pruning/read-net.js";

interface Planned {
  readonly call: PruningCall;
  readonly read: ReadNet;
  /** Of the channels of each layer. */
  readonly importance: readonly Float64Array[];
  /** The flags that name the net's images in the call that is advised. */
  readonly dataFlags: readonly string[];
}

const SPARSE_TRAINING = ["prune", "-sr", "--s", "0.001", "--refine"];

/** What is said where gammas are so close together that the choice of channels means little. */
const tightGammas = ({ call, read, importance, dataFlags }: Planned): string[] => {
  if (call.options.importance !== "gamma") return [];
  const { low, high, isTight } = importanceSpread(importance);
  if (!isTight) return [];
  const train = shellCommand([...SPARSE_TRAINING, read.checkpoint.path, ...dataFlags]);
  return [
    `The gammas of this net lie close together (the middle 90% between ${low.toFixed(3)} and ${high.toFixed(3)}), so that little speaks for one channel against another. Sparse training, or more of it, spreads them: ${train}`,
  ];
};

/** What the user would not expect of a pruning, as sentences. */
export const pruningNotices = (planned: Planned): string[] => {
  const { multiple } = planned.call;
  const { spec, checkpoint } = planned.read;
  const isGrouped = spec.convs.some(({ groups }) => groups > 1);
  return [
    ...tightGammas(planned),
    ...(isFullPrecision(spec.quantization)
      ? []
      : [
          `The net is quantized: its latent weights are pruned. Scales and means go over fewer weights then, so that the smaller net need not equal the masked one.`,
        ]),
    ...(isGrouped && multiple > 1
      ? [`The net has groups: widths are multiples of ${multiple} and of the groups on both sides.`]
      : []),
    ...(checkpoint.manifest ? [] : [UNTOLD]),
  ];
};
