import { QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { graphProblem } from "../../graph/check-graph.js";
import type { Graph } from "../../graph/graph.js";
import { nodesInGraph } from "../../graph/graph.js";
import { isConstrained, type Quantization } from "../../graph/quantizers.js";
import { isWeighted } from "../../graph/stored-form.js";
import type { GraphArchitecture } from "../../models/architecture.js";
import { type GraphSpec, graphOf, isChain, specOfGraph } from "../../models/net-spec.js";
import { withClasses } from "../../models/replace-head.js";
import { DEFAULT_PLACEMENT, isDepthwise } from "../../passes/layer-precisions.js";
import { quantizeGraph } from "../../passes/quantize-graph.js";
import type { TrainingCall } from "./training-call.js";

/** Refuses weights that are centered over a single input channel: all of them would be 0. */
const checkGraphCentering = (graph: Graph, arch: string): void => {
  const lone = nodesInGraph(graph).find(
    (placed) =>
      isWeighted(placed.node) && isConstrained(placed.node.quantizer) && isDepthwise(placed),
  );
  if (!lone) return;
  throw usageError(
    `${arch}: convolution ${lone.node.name} has one input channel per group; binary and ternary weights are centered over these, so all of its weights would be 0.`,
    "Quantize depthwise convolutions with DoReFa.",
  );
};

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
    hint: `Choose larger images, with ${option("image_size")}.`,
  });
};

/** The graph of a file, for the classes and images of a data set. */
const graphOfFile = (file: Checkpoint, dataSet: DataSetInfo): Graph => {
  const { manifest, recognised, net } = file;
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
  if (recognised.kind === "chain") throw new Error("a chain has no graph of its own");
  return recognised.build({ classes, image: { height, width, channels } });
};

const buildFor = (
  { build, name }: GraphArchitecture,
  { options }: TrainingCall,
  { height, width, channels, classNames }: DataSetInfo,
): Graph => {
  if (options.cfg) {
    throw usageError(
      `${option("cfg")} sets widths of chains of convolutions, and ${name} is none.`,
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
  file.manifest ? !isChain(file.manifest.spec) : file.recognised.kind === "graph";

/**
 * The spec of a net that is a graph: from a file, or built from its architecture. Nets of files that are refined get the quantization of
 * the options; resumed and tested ones keep their own.
 * @throws QpruneError (usage) if the images do not fit the net, or the quantization does not.
 */
export const chooseGraphSpec = (
  call: TrainingCall,
  dataSet: DataSetInfo,
  source: GraphArchitecture | { readonly file: Checkpoint; readonly keepsQuantization: boolean },
  quantization: Quantization,
): GraphSpec => {
  if ("file" in source) {
    const { file, keepsQuantization } = source;
    const graph = graphOfFile(file, dataSet);
    const recorded = file.manifest?.spec;
    if (keepsQuantization && recorded) {
      return specOfGraph({ ...recorded, graph });
    }
    return quantizedSpec(file.net.arch, graph, quantization);
  }
  return quantizedSpec(source.name, buildFor(source, call, dataSet), quantization);
};

const quantizedSpec = (arch: string, float: Graph, quantization: Quantization): GraphSpec => {
  const graph = quantizeGraph(float, quantization, DEFAULT_PLACEMENT);
  checkGraphCentering(graph, arch);
  return specOfGraph({ arch, graph, quantization, form: "trainable" });
};
