import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { checkGraph } from "../../graph/check-graph.js";
import type { ValueId } from "../../graph/graph.js";
import { IMAGES, LOGITS } from "../../graph/graph-draft.js";
import { createModelDraft } from "../draft.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import { type OpCall, resolve } from "../operators/call.js";
import { createFoldBudget } from "../operators/constants/fold-budget.js";
import type { Operators } from "../operators/operators.js";
import type { ReadNode } from "../operators/read-node.js";
import { channelsFirst } from "../operators/strided-view.js";
import type { Constant, Value } from "../operators/value.js";
import { tidyNet, withoutLastSoftmax } from "../tidy/tidy-net.js";
import { Unsupported } from "../unsupported.js";
import { type ImageInput, imagesOf } from "./images.js";
import { liveNodes, type Outline, outlineOf } from "./outline.js";
import { refusal } from "./refusal.js";

/** A net of another program: nodes in an order in which each comes after those whose outputs it reads. */
export interface SourceNet {
  /** The file, for messages. */
  readonly where: string;
  readonly name?: string | undefined;
  readonly nodes: readonly ReadNode[];
  /** The names of the values that it returns. */
  readonly outputs: readonly string[];
  readonly images: ImageInput;
  /** The constant of a name; undefined if there is none. @throws Unsupported if its numbers are of another type. */
  readonly constantNamed: (name: string) => Constant | undefined;
  /** The number of numbers in all its tensors. */
  readonly numbers: number;
  /** The version of ONNX's operators to which its operators belong or which they use. */
  readonly opset: number;
  readonly operators: Operators;
  /** Whether the last of the four axes of maps are channels. */
  readonly isChannelsLast?: boolean;
  readonly metadata?: ReadonlyMap<string, string>;
}

/** The net so far: what each value of the file is. */
interface Progress extends Omit<OpCall, "node" | "inputs"> {
  readonly source: SourceNet;
  readonly values: Map<string, Value>;
}

/** The value of a name; tensors of the file become constants when they are first read. */
const valueNamed = ({ values, source }: Progress, name: string): Value | undefined => {
  if (name === "") return undefined;
  const known = values.get(name);
  if (known) return known;
  const constant = source.constantNamed(name);
  if (!constant) throw new Unsupported(`reads ${quoted(name)}, which nothing before it computes`);
  values.set(name, constant);
  return constant;
};

const convertNode = (node: ReadNode, progress: Progress): void => {
  const inputs = node.inputs.map((name) => valueNamed(progress, name));
  const { source, values: known, ...call } = progress;
  const values = source.operators.convert({ ...call, node, inputs });
  for (const [index, name] of node.outputs.entries()) {
    const value = values[index];
    if (name === "" || !value) continue;
    if (known.has(name) || source.constantNamed(name))
      throw new Unsupported(`computes ${quoted(name)}, which exists already`);
    known.set(name, value);
  }
};

/** Converts nodes in their order. @throws QpruneError that names the first one that nets do not have. */
const convertAll = (nodes: readonly ReadNode[], progress: Progress): void => {
  const { where, operators } = progress.source;
  for (const node of nodes) {
    try {
      convertNode(node, progress);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      throw refusal({
        node,
        nodes,
        reason: error.message,
        where,
        isKnown: operators.isKnown,
        values: progress.values,
      });
    }
  }
};

const outputOf = ({ output, node }: Outline, progress: Progress): ValueId => {
  const value = progress.values.get(output);
  try {
    if (value?.kind !== "computed") throw new Unsupported("does not depend on the images");
    const call: OpCall = { ...progress, node, inputs: [value] };
    return resolve(call, progress.source.isChannelsLast ? channelsFirst(value) : value).value;
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    throw new QpruneError(
      `${progress.source.where}: its output ${quoted(output)} ${error.message}.`,
      {
        hint: "A net ends with feature maps or a vector of classes.",
      },
    );
  }
};

/**
 * Another program's net as a model: constants are folded, and the patterns in which exporters write what is one node of a graph
 * become that node. Layers keep the names of their tensors or modules.
 * @throws QpruneError that names the first node that nets do not have, with its operator and how much of the file is known.
 */
export const convertNet = (source: SourceNet, options: ImportOptions): ImportedModel => {
  const { where, nodes, opset } = source;
  const outline = outlineOf(source.outputs, nodes, where, options);
  const images = imagesOf(source.images, where, options);
  const draft = createModelDraft(images.shape);
  const progress: Progress = {
    source,
    draft,
    batch: images.batch,
    opset,
    budget: createFoldBudget(source.numbers),
    values: new Map<string, Value>([[images.name, images.view]]),
    arranged: new Map(),
  };
  convertAll(liveNodes(nodes, outline), progress);
  const value = outputOf(outline, progress);
  if (value === IMAGES) throw new QpruneError(`${where}: its output is its input.`);
  const { inputs, weights } = draft;
  const graph = { inputs, nodes: draft.nodes, outputs: [{ name: LOGITS, value }] };
  const tidy = tidyNet({ graph, weights });
  const net = options.until === undefined ? withoutLastSoftmax(tidy) : tidy;
  checkGraph(net.graph, where);
  return {
    model: net,
    name: source.name,
    metadata: source.metadata ?? new Map(),
    notices:
      net === tidy ? [] : ["Its softmax was left out: training and predictions add it themselves."],
  };
};
