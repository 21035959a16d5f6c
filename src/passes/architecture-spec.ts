import { usageError } from "../base/errors.js";
import { FULL_PRECISION, isFullPrecision, type Quantization } from "../graph/quantizers.js";
import {
  chainArchitecture,
  describedArchitecture,
  graphArchitecture,
} from "../models/architecture.js";
import {
  type GraphArchitectureName,
  graphArchitectureNames,
  isGraphArchitectureName,
} from "../models/architectures/graph-architectures.js";
import {
  type ArchitectureName,
  architectureNames,
  isArchitectureName,
} from "../models/chains/built-in-chain.js";
import { builtInNets } from "../models/chains/built-in-chains.js";
import {
  scaledWidths,
  specFromDescription,
} from "../models/chains/descriptions/chain-from-description.js";
import { readDescription } from "../models/chains/descriptions/read-chain-description.js";
import {
  isGraphDescription,
  readGraphDescription,
} from "../models/descriptions/read-graph-description.js";
import { type NetSpec, specOfGraph } from "../models/net-spec.js";
import { DEFAULT_PLACEMENT, type PlacementRules } from "./layer-precisions.js";
import { quantizeGraph } from "./quantize-graph.js";

/** What a net's spec depends on besides its architecture. */
export interface ArchitectureSpecOptions {
  /** A built-in net by its name, or a description as in docs/custom-architectures.md, parsed from JSON. */
  readonly arch: ArchitectureName | GraphArchitectureName | object;
  readonly classes: number;
  readonly input: NetSpec["input"];
  /** Factor of all numbers of channels; 1 by default. */
  readonly width?: number;
  /** Full precision by default. */
  readonly quantization?: Quantization;
  /** Which layers of a graph get which bits; by default, the first and the last keep full precision. */
  readonly placement?: PlacementRules;
}

const architectureOf = (arch: ArchitectureSpecOptions["arch"]) => {
  if (typeof arch !== "string")
    return isGraphDescription(arch)
      ? describedArchitecture(readGraphDescription(arch), "The description of the net")
      : chainArchitecture(readDescription(arch));
  if (isGraphArchitectureName(arch)) return graphArchitecture(arch);
  if (isArchitectureName(arch)) return chainArchitecture(builtInNets[arch]);
  throw usageError(
    `There is no built-in net ${arch}.`,
    `Choose ${[...architectureNames, ...graphArchitectureNames].join(", ")}, or give a description.`,
  );
};

const isSigns = ({ weights: { kind } }: Quantization): boolean =>
  kind === "binary" || kind === "ternary";

/**
 * The spec of a chain or graph of an architecture, for buildNet.
 * @throws QpruneError (usage) if there is no such net, its description is wrong, or images, widths and quantization do not
 * fit it.
 */
export const architectureSpec = (options: ArchitectureSpecOptions): NetSpec => {
  const { arch, classes, input, width, quantization = FULL_PRECISION } = options;
  const { placement = DEFAULT_PLACEMENT } = options;
  const architecture = architectureOf(arch);
  if (architecture.kind === "chain") {
    const { description } = architecture;
    return specFromDescription({
      description,
      classes,
      input,
      quantization,
      sequence: isSigns(quantization) ? "tnn_bin" : "dorefa",
      ...(width !== undefined && { widths: scaledWidths(description, width) }),
    });
  }
  const { name, build } = architecture;
  const graph = build({ classes, image: input, ...(width !== undefined && { width }) });
  return specOfGraph({
    arch: name,
    graph: isFullPrecision(quantization) ? graph : quantizeGraph(graph, quantization, placement),
    quantization,
    form: "trainable",
  });
};
