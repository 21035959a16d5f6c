import { QpruneError } from "../base/errors.js";
import { quoted } from "../base/visible-text.js";
import type { StoredTensor } from "../formats/safetensors/stored-tensor.js";
import { type Graph, nodesInGraph, parametersOf } from "../graph/graph.js";
import { FULL_PRECISION } from "../graph/quantizers.js";
import {
  type Architecture,
  builtInArchitectures,
  chainArchitecture,
  type GraphArchitecture,
} from "../models/architecture.js";
import { architectureNames } from "../models/chains/built-in-chain.js";
import { type ChainSpec, sequenceNames } from "../models/chains/chain-spec.js";
import { chainToGraph } from "../models/chains/chain-to-graph.js";
import type { NetDescription } from "../models/chains/descriptions/chain-description.js";
import { assembleSpec } from "../models/chains/descriptions/chain-from-description.js";

/** What is known of a net from its manifest, or from tensor names and shapes. */
export interface NetFacts {
  readonly arch: string;
  readonly classes: number;
  /** Only for a chain of convolutions: the prefix of its names, and the widths of all convolutions but the last. */
  readonly chain: {
    readonly sequence: ChainSpec["sequence"];
    readonly widths: readonly number[];
  } | null;
}

/** A net as inferred from tensor names and shapes. */
export interface InferredNet extends NetFacts {
  /** The architecture that it was identified as. */
  readonly architecture: Architecture;
}

type Shapes = ReadonlyMap<string, Pick<StoredTensor, "shape">>;

/** The kernels of a graph by name, in its order, with their shapes. */
const kernelsOf = (graph: Graph): ReadonlyMap<string, readonly number[]> =>
  new Map(
    nodesInGraph(graph).flatMap((placed) =>
      parametersOf(placed)
        .filter(({ role }) => role === "kernel")
        .map(({ suffix, shape }) => [`${placed.node.name}.${suffix}`, shape] as const),
    ),
  );

/** Whether every kernel of a graph is present with its shape. */
export const fits = (shapes: Shapes, graph: Graph): boolean =>
  [...kernelsOf(graph)].every(([name, shape]) => String(shapes.get(name)?.shape) === String(shape));

/** The index of a tensor's module: 10 in dorefa.10.conv.weight. */
const moduleIndex = (name: string): number => Number(name.split(".")[1]);

const chainCandidate = (
  shapes: Shapes,
  description: NetDescription,
  sequence: ChainSpec["sequence"],
): InferredNet | undefined => {
  // Writers of safetensors may sort by name, which puts module 10 before module 2.
  const kernels = [...shapes]
    .filter(([name, { shape }]) => name.startsWith(`${sequence}.`) && shape.length === 4)
    .sort(([a], [b]) => moduleIndex(a) - moduleIndex(b));
  const outputs = kernels.map(([, { shape }]) => shape[0] as number);
  const classes = outputs.at(-1) ?? 0;
  const chain = { sequence, widths: outputs.slice(0, -1) };
  const inferred = { description, ...chain, classes };
  // Only names and kernel shapes are compared, which do not depend on the size of the images.
  const input = { channels: 3, height: 32, width: 32 };
  try {
    const spec = assembleSpec({ ...inferred, input, quantization: FULL_PRECISION });
    if (!fits(shapes, chainToGraph(spec))) return undefined;
    return { arch: spec.arch, classes, chain, architecture: chainArchitecture(description) };
  } catch (error) {
    if (error instanceof QpruneError) return undefined;
    throw error;
  }
};

/** Any number of classes: only names are compared before the real one is known. */
const SOME_CLASSES = 1000;

const designedFor = ({ imageSide: side }: GraphArchitecture) => ({
  height: side,
  width: side,
  channels: 3,
});

const kernelNames = new WeakMap<GraphArchitecture["build"], readonly string[]>();

/** The names of the kernels of an architecture, which do not depend on classes and images; they are listed once. */
const kernelNamesOf = (architecture: GraphArchitecture): readonly string[] => {
  const { build } = architecture;
  const known = kernelNames.get(build);
  if (known) return known;
  const graph = build({ image: designedFor(architecture), classes: SOME_CLASSES });
  const names = [...kernelsOf(graph).keys()];
  kernelNames.set(build, names);
  return names;
};

const graphCandidate = (
  shapes: Shapes,
  architecture: GraphArchitecture,
): InferredNet | undefined => {
  const { name, build } = architecture;
  const kernels = kernelNamesOf(architecture);
  if (!kernels.every((kernel) => shapes.has(kernel))) return undefined;
  const classes = shapes.get(kernels.at(-1) as string)?.shape[0] ?? 0;
  if (classes < 1 || !fits(shapes, build({ image: designedFor(architecture), classes })))
    return undefined;
  return { arch: name, classes, chain: null, architecture };
};

const candidates = (shapes: Shapes, architecture: Architecture): (InferredNet | undefined)[] =>
  architecture.kind === "graph"
    ? [graphCandidate(shapes, architecture)]
    : sequenceNames.map((sequence) => chainCandidate(shapes, architecture.description, sequence));

/** Tensors that an error message lists. */
const MAX_SHOWN = 4;

const shownTensors = (shapes: Shapes): string => {
  const shown = [...shapes]
    .slice(0, MAX_SHOWN)
    .map(([name, { shape }]) => `${quoted(name)} [${shape}]`)
    .join(", ");
  return shapes.size > MAX_SHOWN ? `${shown}, … (${shapes.size} in all)` : shown;
};

/** The rule for names that does not depend on the net. */
const REQUIRED_NAMES =
  "Tensor names must start with dorefa. or tnn_bin., after any prefix that all of them share.";

/** The error for tensors of an unknown net, listing the first ones. */
export const unknownNet = (
  shapes: Shapes,
  path: string,
  described: Architecture | undefined,
): QpruneError => {
  const found = `It has ${shownTensors(shapes) || "no tensors"}.`;
  return described
    ? new QpruneError(`${path}: its tensors do not match ${described.name}. ${found}`, {
        hint: `Its kernels must have the names and shapes of qprune's ${described.name}.`,
      })
    : new QpruneError(
        `${path}: its tensors match no built-in net (${architectureNames.join(", ")}). ${found}`,
        {
          hint: `Give a checkpoint written by qprune or the reference scripts, or describe its net. ${REQUIRED_NAMES}`,
          code: "unknown-net",
        },
      );
};

/**
 * Infers architecture, and of chains the state-dict prefix and widths, from the names and shapes of a state dict, which must match
 * the described net if there is one, else a built-in net. Undefined if they do not.
 */
export const inferNet = (
  shapes: Shapes,
  described?: Architecture | undefined,
): InferredNet | undefined => {
  for (const architecture of described ? [described] : builtInArchitectures()) {
    const inferred = candidates(shapes, architecture).find(Boolean);
    if (inferred) return inferred;
  }
  return undefined;
};
