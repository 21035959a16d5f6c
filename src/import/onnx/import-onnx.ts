import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { MessageProblem } from "../../formats/onnx/decode-message.js";
import type { OnnxFile } from "../../formats/onnx/read-onnx.js";
import { checkGraph } from "../../graph/check-graph.js";
import type { ValueId } from "../../graph/graph.js";
import { IMAGES, LOGITS } from "../../graph/graph-draft.js";
import { createModelDraft, type ModelDraft } from "../draft.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import { tidyNet, withoutLastSoftmax } from "../tidy/tidy-net.js";
import { Unsupported } from "../unsupported.js";
import { type OpCall, resolve } from "./call.js";
import { foldNode } from "./constants/fold.js";
import { createFoldBudget, type FoldBudget } from "./constants/fold-budget.js";
import { CONVERTERS } from "./converters.js";
import { imagesOf } from "./images.js";
import { liveNodes, type Outline, outlineOf } from "./outline.js";
import { type ReadNode, readNode } from "./read-node.js";
import { refusal } from "./refusal.js";
import { type Computed, constantOf, type Value } from "./value.js";

/** Versions of the operators that are known. */
const [FIRST_OPSET, LAST_OPSET] = [9, 25];

const opsetOf = ({ model }: OnnxFile, where: string): number => {
  const found = model.opsetImport.find(({ domain = "" }) => domain === "" || domain === "ai.onnx");
  const opset = found?.version ?? 1;
  if (opset >= FIRST_OPSET && opset <= LAST_OPSET) return opset;
  throw new QpruneError(
    `${where} uses opset ${opset}; opsets ${FIRST_OPSET} to ${LAST_OPSET} are supported.`,
    { hint: "Export it again with another opset version." },
  );
};

/** The net so far: what each value of the file is. */
interface Progress {
  readonly draft: ModelDraft;
  readonly batch: number;
  readonly opset: number;
  readonly budget: FoldBudget;
  readonly file: OnnxFile;
  readonly values: Map<string, Value>;
  readonly arranged: OpCall["arranged"];
}

/** The value of a name; initializers become constants when they are first read. */
const valueNamed = ({ values, file }: Progress, name: string): Value | undefined => {
  if (name === "") return undefined;
  const known = values.get(name);
  if (known) return known;
  const tensor = file.tensors.get(name);
  if (!tensor) throw new Unsupported(`reads ${quoted(name)}, which nothing before it computes`);
  const constant = constantOf(tensor);
  values.set(name, constant);
  return constant;
};

const outputsOf = (node: ReadNode, progress: Progress): readonly Value[] => {
  const inputs = node.inputs.map((name) => valueNamed(progress, name));
  const { draft, batch, opset, budget, arranged } = progress;
  const constants = inputs.flatMap((input) => (input?.kind === "computed" ? [] : [input]));
  if (constants.length === inputs.length) {
    const folded = foldNode({ node, inputs: constants, budget });
    if (folded) return [folded];
  }
  const convert = CONVERTERS.get(node.op);
  if (!convert) throw new Unsupported("has no counterpart in qprune's nets");
  return convert({ node, inputs, draft, batch, opset, arranged });
};

const convertNode = (node: ReadNode, progress: Progress): void => {
  const values = outputsOf(node, progress);
  for (const [index, name] of node.outputs.entries()) {
    const value = values[index];
    if (name === "" || !value) continue;
    if (progress.values.has(name) || progress.file.tensors.has(name))
      throw new Unsupported(`computes ${quoted(name)}, which exists already`);
    progress.values.set(name, value);
  }
};

/** Converts nodes in their order. @throws QpruneError that names the first one that nets do not have. */
const convertAll = (nodes: readonly ReadNode[], progress: Progress, where: string): void => {
  for (const node of nodes) {
    try {
      convertNode(node, progress);
    } catch (error) {
      if (!(error instanceof Unsupported || error instanceof MessageProblem)) throw error;
      throw refusal({ node, nodes, reason: error.message, where, values: progress.values });
    }
  }
};

const outputOf = ({ output, node }: Outline, progress: Progress, where: string): ValueId => {
  const value = progress.values.get(output);
  try {
    if (value?.kind !== "computed") throw new Unsupported("does not depend on the images");
    const call: OpCall = { ...progress, node, inputs: [value] };
    return resolve(call, value as Computed).value;
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    throw new QpruneError(`${where}: its output ${quoted(output)} ${error.message}.`, {
      hint: "A net ends with feature maps or a vector of classes.",
    });
  }
};

const numbersIn = ({ tensors }: OnnxFile): number =>
  [...tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );

/**
 * The net of an ONNX file as a model: constants are folded, and the patterns in which exporters write what is one node of a
 * graph become that node. Layers keep the names of their tensors or modules.
 * @param where the file, for messages
 * @throws QpruneError that names the first node that nets do not have, with its operator and how much of the file is known.
 */
export const importOnnx = (
  file: OnnxFile,
  where: string,
  options: ImportOptions = {},
): ImportedModel => {
  const opset = opsetOf(file, where);
  const nodes = file.graph.node.map(readNode);
  const outline = outlineOf(file, nodes, where, options);
  const images = imagesOf(file, where, options);
  const draft = createModelDraft(images.shape);
  const values = new Map<string, Value>([[images.name, images.view]]);
  const budget = createFoldBudget(numbersIn(file));
  const arranged: OpCall["arranged"] = new Map();
  const progress = { draft, batch: images.batch, opset, budget, file, values, arranged };
  convertAll(liveNodes(nodes, outline), progress, where);
  const value = outputOf(outline, progress, where);
  if (value === IMAGES) throw new QpruneError(`${where}: its output is its input.`);
  const { inputs, weights } = draft;
  const graph = { inputs, nodes: draft.nodes, outputs: [{ name: LOGITS, value }] };
  const tidy = tidyNet({ graph, weights });
  const net = options.until === undefined ? withoutLastSoftmax(tidy) : tidy;
  checkGraph(net.graph, where);
  return {
    model: net,
    name: file.graph.name,
    metadata: new Map(file.model.metadata.map(({ key = "", value: text = "" }) => [key, text])),
    notices:
      net === tidy ? [] : ["Its softmax was left out: training and predictions add it themselves."],
  };
};
