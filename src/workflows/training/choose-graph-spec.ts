import { QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { shownNames } from "../../base/shown-names.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { graphProblem } from "../../graph/check-graph.js";
import { type Graph, nodesInGraph, parametersOf } from "../../graph/graph.js";
import { learnsRanges, type Quantization } from "../../graph/quantizers.js";
import { isWeighted } from "../../graph/stored-form.js";
import type { GraphArchitecture } from "../../models/architecture.js";
import { type GraphSpec, graphOf, isChain, specOfGraph } from "../../models/net-spec.js";
import { withClasses } from "../../models/replace-head.js";
import {
  DEFAULT_PLACEMENT,
  matchesLayer,
  type PlacementRules,
} from "../../passes/layer-precisions.js";
import { quantizeGraph } from "../../passes/quantize-graph.js";
import { checkCentring } from "./checks/check-quantization.js";
import type { TrainingCall } from "./training-call.js";

/** A graph for other images. @throws QpruneError (usage) if they do not fit the net. */
const forImages = (
  graph: Graph,
  arch: string,
  { height, width, channels }: Pick<DataSetInfo, "height" | "width" | "channels">,
): Graph => {
  const [input] = graph.inputs;
  const changed = {
    ...graph,
    inputs: [{ name: input?.name ?? "images", shape: [height, width, channels] as const }],
  };
  const problem = graphProblem(changed);
  if (problem === undefined) return changed;
  throw new QpruneError(`${arch} does not fit images of ${height}x${width}: ${problem}.`, {
    kind: "usage",
    hint: `Choose a larger ${option("image_size")}.`,
  });
};

/** The graph of a file, for the classes and images of a data set. */
const graphOfFile = (file: Checkpoint, dataSet: DataSetInfo): Graph => {
  const { manifest, recognized, net } = file;
  const classes = dataSet.classNames.length;
  const { height, width, channels } = dataSet;
  if (manifest) {
    const graph = graphOf(manifest.spec);
    return forImages(
      net.classes === classes ? graph : withClasses(graph, classes),
      net.arch,
      dataSet,
    );
  }
  if (recognized.kind === "chain") throw new Error("a chain has no graph of its own");
  return recognized.build({ classes, image: { height, width, channels } });
};

const buildFor = (
  { build, name }: GraphArchitecture,
  { options }: TrainingCall,
  { height, width, channels, classNames }: DataSetInfo,
): Graph => {
  if (options.cfg) {
    throw usageError(
      `${option("cfg")} sets the widths of a chain of convolutions, which ${name} is not.`,
      `Omit ${option("cfg")}, or scale all widths with ${option("width")}.`,
    );
  }
  return build({
    classes: classNames.length,
    image: { height, width, channels },
    ...(options.width !== undefined && { width: options.width }),
  });
};

/** Whether a file contains a net that is stored as a graph, or was recognized as one. */
export const isGraphFile = (file: Checkpoint): boolean =>
  file.manifest ? !isChain(file.manifest.spec) : file.recognized.kind === "graph";

/** Where a graph comes from: an architecture, a file, or a chain whose layers are to differ. */
export type GraphSource =
  | GraphArchitecture
  | { readonly file: Checkpoint; readonly keepsQuantization: boolean }
  | { readonly arch: string; readonly graph: Graph };

/** The quantization that options ask for. */
export interface AskedQuantization {
  readonly quantization: Quantization;
  readonly placement: PlacementRules | undefined;
}

/**
 * The spec of a net that is a graph: from a file, or built from its architecture. Nets of files that are refined get the quantization of
 * the options; resumed and tested ones keep their own.
 * @throws QpruneError (usage) if the images do not fit the net, or the quantization does not.
 */
export const chooseGraphSpec = (
  call: TrainingCall,
  dataSet: DataSetInfo,
  source: GraphSource,
  asked: AskedQuantization,
): GraphSpec => {
  if ("graph" in source) return quantizedSpec(call, source.arch, source.graph, asked);
  if ("file" in source) {
    const { file, keepsQuantization } = source;
    const graph = graphOfFile(file, dataSet);
    const recorded = file.manifest?.spec;
    if (keepsQuantization && recorded) {
      return specOfGraph({ ...recorded, graph });
    }
    return quantizedSpec(call, file.net.arch, graph, asked);
  }
  return quantizedSpec(call, source.name, buildFor(source, call, dataSet), asked);
};

/** Refuses rules that match no layer. */
const checkRules = (graph: Graph, arch: string, { layers }: PlacementRules): void => {
  const names = graph.nodes.filter(isWeighted).map(({ name }) => name);
  const stray = layers.find(({ pattern }) => !names.some((name) => matchesLayer(pattern, name)));
  if (!stray) return;
  throw usageError(
    `${option("layer_bits")} names ${stray.pattern}, which matches no layer of ${arch}.`,
    `Its layers are ${shownNames(names)}; * matches any text.`,
  );
};

/** A graph whose norms, except the first and the last, are trained as the options ask. */
const withNorms = (graph: Graph, { options }: TrainingCall): Graph => {
  const { bn_momentum: newStatWeight, fixed_gamma: isGammaFixed } = options;
  if (newStatWeight === undefined && !isGammaFixed) return graph;
  const norms = graph.nodes.filter(({ kind }) => kind === "batchNorm").slice(1, -1);
  const nodes = graph.nodes.map((node) =>
    node.kind === "batchNorm" && norms.includes(node)
      ? { ...node, newStatWeight: newStatWeight ?? node.newStatWeight, isGammaFixed }
      : node,
  );
  return { ...graph, nodes };
};

/** Refuses trained ranges of a net in which no batch norm follows a quantized layer. */
const checkLearnedRanges = (graph: Graph, arch: string): void => {
  const isTrained = nodesInGraph(graph).some((placed) =>
    parametersOf(placed).some(({ role }) => role === "range"),
  );
  if (isTrained) return;
  throw usageError(
    `${option("quantizer")} trains the ranges of layers that a batch norm follows, but ${arch} has none that is quantized.`,
    `Omit ${option("quantizer")}, or choose a net with batch norms.`,
  );
};

const quantizedSpec = (
  call: TrainingCall,
  arch: string,
  float: Graph,
  { quantization, placement = DEFAULT_PLACEMENT }: AskedQuantization,
): GraphSpec => {
  checkRules(float, arch, placement);
  const graph = withNorms(quantizeGraph(float, quantization, placement), call);
  if (learnsRanges(quantization)) checkLearnedRanges(graph, arch);
  const spec = specOfGraph({ arch, graph, quantization, form: "trainable" });
  checkCentring(spec);
  return spec;
};
