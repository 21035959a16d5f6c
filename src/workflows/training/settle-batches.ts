import type { BatchLoader } from "../../data/batches/batch-loader.js";
import type { Graph } from "../../graph/graph.js";
import { isWeighted } from "../../graph/stored-form.js";

const FEW_BITS = 4;
const BATCHES = 20;
/** Recalibrating may take this share of an epoch's batches; each takes about a third of the time of a training step. */
const MAX_SHARE = 0.2;
/** Statistics of fewer batches may be worse than the running ones. */
const LEAST_BATCHES = 8;

type Quantizer = { readonly kind: string; readonly bits?: number };

const hasFewBits = ({ kind, bits = 1 }: Quantizer): boolean => kind !== "float" && bits <= FEW_BITS;

/** Whether weights or activations of some layer have at most 4 bits. */
const isLowBit = (graph: Graph): boolean =>
  graph.nodes.some((node) =>
    isWeighted(node) || node.kind === "quantize" ? hasFewBits(node.quantizer) : false,
  );

/**
 * The batches over which batch norm is recalibrated before a test. `auto`: 20, or a fifth of the epoch's batches if it has fewer
 * than 100, for nets with at most 4 bits, whose tests scatter by up to 10 points otherwise (docs/tricks.md). None for other nets,
 * and none if an epoch has fewer than 40 batches.
 */
export const settleBatchesOf = (
  option: number | "auto",
  graph: Graph,
  { batchesPerEpoch }: Pick<BatchLoader, "batchesPerEpoch">,
): number => {
  if (option !== "auto") return option;
  if (!isLowBit(graph)) return 0;
  const batches = Math.min(BATCHES, Math.floor(batchesPerEpoch * MAX_SHARE));
  return batches < LEAST_BATCHES ? 0 : batches;
};
