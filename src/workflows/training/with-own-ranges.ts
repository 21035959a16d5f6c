import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { float32Tensor } from "../../formats/safetensors/tensor-values.js";
import { type Graph, type Node, nodesInGraph, parametersOf } from "../../graph/graph.js";
import { isWeighted } from "../../graph/stored-form.js";
import { sequenceNames } from "../../models/chains/chain-spec.js";
import type { Net } from "../../models/net.js";
import { graphOf } from "../../models/net-spec.js";

/** A quantizer as text; that of an affine one is the same however its range is chosen. */
const quantizerOf = (node: Node | undefined): string | undefined => {
  if (!node || !(isWeighted(node) || node.kind === "quantize")) return undefined;
  const { quantizer } = node;
  const isRanged = quantizer.kind === "affine" && "range" in quantizer;
  return JSON.stringify(isRanged ? { ...quantizer, range: undefined } : quantizer);
};

/** A node's name without the prefix of a chain. */
const plainName = (name: string): string =>
  sequenceNames.reduce((rest, prefix) => rest.replace(new RegExp(`^${prefix}\\.`), ""), name);

const byName = ({ nodes }: Graph): ReadonlyMap<string, Node> =>
  new Map(nodes.map((node) => [plainName(node.name), node]));

/**
 * A checkpoint for a net whose quantizers may have trained ranges: those of layers that the file quantizes otherwise are
 * chosen again, when the layers first compute (a range of 0).
 */
export const withOwnRanges = (file: Checkpoint, net: Net): Checkpoint => {
  const stored = file.manifest && byName(graphOf(file.manifest.spec));
  const own = nodesInGraph(net.graph).flatMap((placed): [string, number][] => {
    const { node } = placed;
    const range = parametersOf(placed).find(({ role }) => role === "range" || role === "observed");
    const isSame = quantizerOf(stored?.get(plainName(node.name))) === quantizerOf(node);
    return range && !isSame ? [[`${node.name}.${range.suffix}`, range.shape[0] as number]] : [];
  });
  if (own.length === 0) return file;
  const zeros = own.map(
    ([name, count]) => [name, float32Tensor([count], new Float32Array(count))] as const,
  );
  return { ...file, state: new Map([...file.state, ...zeros]) };
};
