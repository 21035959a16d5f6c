import { type Graph, type ValueId, valuesOf } from "../../graph/graph.js";
import { keepsGrid } from "../../passes/place-affine-quantizers.js";
import { quantizerActivation } from "../../quant/activations/activation-of.js";
import type { AffineFunction } from "../../tensor/ops/activation.js";

const isSame = (one: AffineFunction | undefined, other: AffineFunction | undefined): boolean =>
  one?.scale === other?.scale && one?.zero === other?.zero && one?.levels === other?.levels;

/** The grids of affine codes that nodes move or choose, by their values. */
export const movedGrids = (graph: Graph): ReadonlyMap<ValueId, AffineFunction> => {
  const grids = new Map<ValueId, AffineFunction>();
  const moved = new Map<ValueId, AffineFunction>();
  for (const node of graph.nodes) {
    if (node.kind === "quantize") {
      const own = quantizerActivation(node.quantizer);
      if (own.kind === "affine") grids.set(node.name, own);
      continue;
    }
    const [first, ...others] = node.inputs.map((value) => grids.get(value));
    if (!first || !keepsGrid(node) || others.some((other) => !isSame(first, other))) continue;
    for (const value of valuesOf(node)) {
      grids.set(value, first);
      if (node.kind !== "dropout") moved.set(value, first);
    }
  }
  return moved;
};
