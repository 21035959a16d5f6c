import { z } from "zod";
import { QpruneError } from "../base/errors.js";
import { boxLayoutOf } from "../graph/box-output.js";
import { parseGraph } from "../graph/check-graph.js";
import { type Graph, imageShape, outputValue, shapesOf } from "../graph/graph.js";
import { quantizationSchema } from "../graph/quantizers.js";
import { channelsOf, type Shape } from "../graph/shape.js";
import { type ChainSpec, netForms, netNameSchema } from "./chains/chain-spec.js";
import { chainToGraph } from "./chains/chain-to-graph.js";
import { stateNames } from "./chains/state-names.js";

/** A net that is stored as its graph. */
export interface GraphSpec {
  readonly arch: string;
  readonly graph: Graph;
  /** What was asked for as a whole; single layers may differ, as the graph records. */
  readonly quantization: z.output<typeof quantizationSchema>;
  readonly form: (typeof netForms)[number];
  readonly input: { readonly channels: number; readonly height: number; readonly width: number };
  readonly classes: number;
}

/** A net as plain data, all that a checkpoint stores of it: as a chain of convolutions, or as a graph. */
export type NetSpec = ChainSpec | GraphSpec;

/** Values that a net returns per image: a logit per class, or those that describe boxes. */
export const outputsOf = (spec: NetSpec): number =>
  isChain(spec) ? spec.classes : (boxLayoutOf(spec.graph)?.size ?? spec.classes);

const graphs = new WeakMap<ChainSpec, Graph>();

/** The graph of a net. */
export const graphOf = (spec: NetSpec): Graph => {
  if ("graph" in spec) return spec.graph;
  const known = graphs.get(spec);
  if (known) return known;
  const graph = chainToGraph(spec);
  graphs.set(spec, graph);
  return graph;
};

/**
 * The spec of a chain of convolutions.
 * @throws QpruneError (usage) for any other net.
 */
export const chainSpecOf = (spec: NetSpec, where: string): ChainSpec => {
  if (isChain(spec)) return spec;
  throw new QpruneError(`${where} contains ${spec.arch}, which is not a chain of convolutions.`, {
    kind: "usage",
    hint: "Give a chain of convolutions, such as nin or nin_gc.",
  });
};

export const isChain = (spec: NetSpec): spec is ChainSpec => !("graph" in spec);

/** The spec of a consistent graph. */
export const specOfGraph = ({
  graph,
  ...facts
}: Pick<GraphSpec, "arch" | "graph" | "quantization" | "form">): GraphSpec => {
  const [height, width, channels] = imageShape(graph);
  const output = shapesOf(graph).get(outputValue(graph)) as Shape;
  const classes = boxLayoutOf(graph)?.classes ?? channelsOf(output);
  return { ...facts, graph, input: { channels, height, width }, classes };
};

/** A chain with as many filters as the convolutions of its graph have. */
const chainOfGraph = (spec: ChainSpec, { nodes }: Graph): ChainSpec => {
  const filters = new Map(
    nodes.flatMap((node) => (node.kind === "conv" ? [[node.name, node.filters]] : [])),
  );
  const names = stateNames(spec);
  const convs = spec.convs.map((conv, index) => ({
    ...conv,
    width: filters.get(names[index]?.conv ?? "") ?? conv.width,
  }));
  return { ...spec, convs };
};

/** The spec of a net after a pass: with the graph of its model, which may have fewer channels, in another form. */
export const specOfModel = (
  spec: NetSpec,
  { graph }: Pick<GraphSpec, "graph">,
  form: NetSpec["form"],
): NetSpec => {
  if (isChain(spec)) return { ...chainOfGraph(spec, graph), form };
  const { arch, quantization } = spec;
  return specOfGraph({ arch, quantization, form, graph });
};

/** The stored form of a graph spec; images and classes follow from the graph. */
export const graphSpecSchema = z.strictObject({
  arch: netNameSchema,
  quantization: quantizationSchema,
  form: z.enum(netForms),
  graph: z.unknown().transform((raw, context): Graph => {
    const graph = parseGraph(raw);
    if (typeof graph !== "string") return graph;
    context.addIssue({ code: "custom", message: graph });
    return z.NEVER;
  }),
});
