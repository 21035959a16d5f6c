import type { DataSetInfo } from "../../data/data-set.js";
import { isFullPrecision } from "../../graph/quantizers.js";
import { importanceSpread } from "../../prune/importance/importance-spread.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import type { ChosenPlan } from "./plan-pruning.js";
import type { PruningCall } from "./pruning-call.js";
import type { ReadNet } from "./read-net.js";

/** The file does not record how it was trained (see the event "unrecorded-training"). */
interface UnrecordedTraining {
  readonly kind: "unrecorded training";
  readonly arch: string;
  readonly dataSet: DataSetInfo;
}

/** Something about a pruning that may surprise the user. */
export type PruningNotice =
  /** The middle 90% of the gammas are so close together that the choice of channels means little. */
  | { readonly kind: "close gammas"; readonly low: number; readonly high: number }
  /** Latent weights are pruned, so that scales and means cover fewer weights. */
  | { readonly kind: "quantized net" }
  | { readonly kind: "multiples of groups"; readonly multiple: number }
  /** No channel of these layers was above the threshold, and one of each is left. */
  | { readonly kind: "emptied layers"; readonly names: readonly string[] }
  /** These layers stay whole, since they have no gammas by which they could be ranked. */
  | { readonly kind: "unranked layers"; readonly names: readonly string[] }
  | UnrecordedTraining;

/** The notices of a pruning. */
export const pruningNotices = (
  { options, multiple }: PruningCall,
  { spec, checkpoint }: ReadNet,
  { plan, importance, layers, unranked }: ChosenPlan,
): PruningNotice[] => {
  const notices: PruningNotice[] = [];
  const { low, high, isTight } = importanceSpread(importance);
  if (options.importance === "gamma" && isTight) notices.push({ kind: "close gammas", low, high });
  if (unranked.length > 0) notices.push({ kind: "unranked layers", names: unranked });
  const emptied = plan.layers
    .filter(({ kept, reasons }) => kept === 1 && reasons.includes("emptied"))
    .flatMap(({ names }) => names);
  if (emptied.length > 0) notices.push({ kind: "emptied layers", names: emptied });
  if (!isFullPrecision(spec.quantization)) notices.push({ kind: "quantized net" });
  const isGrouped = layers.some(({ structure }) => structure !== null);
  if (isGrouped && multiple > 1) notices.push({ kind: "multiples of groups", multiple });
  if (!checkpoint.manifest) {
    const dataSet = storedDataSetInfo(checkpoint);
    notices.push({ kind: "unrecorded training", arch: spec.arch, dataSet });
  }
  return notices;
};
