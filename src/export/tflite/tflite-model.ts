import { QpruneError } from "../../base/errors.js";
import type { QuantizationDraft, TfliteDraft } from "../../formats/tflite/encode-tflite.js";
import { parseTflite } from "../../formats/tflite/read-tflite.js";
import { IMAGES, LOGITS } from "../../graph/graph-draft.js";
import { DATA_SET_KEY } from "../../import/metadata-keys.js";
import { planIntegers } from "../../integer/plan-integers.js";
import type { ExportNet } from "../export-net.js";
import { netGraph } from "../tfjs/net-graph.js";
import { type Int8Graph, lowerPlan } from "./int8/lower-steps.js";
import { lowerTfGraph } from "./lower-nodes.js";

/** A .tflite file to write. */
export interface TfliteModel {
  readonly draft: TfliteDraft;
  /** Whether it computes with integers. */
  readonly isInt8: boolean;
  /** Why a net of affine quantizers computes in floats, as the end of a sentence. */
  readonly floatReason?: string;
}

const isAffine = ({ graph }: ExportNet["model"]): boolean =>
  graph.nodes.some((node) => node.kind === "quantize" && node.quantizer.kind === "affine");

/** The net in integers, or why it computes in floats. */
const int8Graph = (net: ExportNet, images: string): Int8Graph | QpruneError => {
  try {
    return lowerPlan(planIntegers(net.model), images);
  } catch (error) {
    if (error instanceof QpruneError) return error;
    throw error;
  }
};

/**
 * A net for LiteRT: one image [1, height, width, channels] to logits, both in float32. A net of affine quantizers computes with
 * integers in between. Others compute in floats; norms and the scales of quantized weights become parts of the weights of their
 * layers. `version` is the package's.
 * @throws QpruneError if weights are latent.
 */
export const tfliteModel = (net: ExportNet, version: string): TfliteModel => {
  const images = net.model.graph.inputs[0]?.name ?? IMAGES;
  const shared = {
    description: `${net.spec.arch}, qprune ${version}`,
    metadata: new Map([[DATA_SET_KEY, JSON.stringify(net.dataSet)]]),
  };
  const integers = isAffine(net.model) ? int8Graph(net, images) : undefined;
  if (integers && !(integers instanceof QpruneError)) {
    const { tensors, operators, input, output } = integers;
    const draft = { tensors, operators, inputs: [input], outputs: [output], ...shared };
    return { draft, isInt8: true };
  }
  const { tensors, operators, indexOf } = lowerTfGraph(netGraph(net.model));
  return {
    draft: {
      tensors,
      operators,
      inputs: [indexOf(images)],
      outputs: [indexOf(LOGITS)],
      ...shared,
    },
    isInt8: false,
    ...(integers && { floatReason: integers.message }),
  };
};

const differs = (what: string): QpruneError =>
  new QpruneError(`The written file differs from the exported net: ${what} is not the same.`, {
    hint: "Export it again. If that does not help, the disk may be damaged.",
  });

/** Options are stored as integers or as floats of 32 bits. */
const isSameOption = (
  one: number | readonly number[],
  other: number | readonly number[],
): boolean =>
  typeof one === "number" && typeof other === "number"
    ? Math.fround(one) === Math.fround(other)
    : String(one) === String(other);

const isSameQuantization = (
  one: QuantizationDraft | undefined,
  other: QuantizationDraft | undefined,
): boolean =>
  String(one?.scale.map(Math.fround)) === String(other?.scale.map(Math.fround)) &&
  String(one?.zeroPoint) === String(other?.zeroPoint) &&
  one?.axis === other?.axis;

/**
 * Compares the bytes of a written .tflite file, as read again, with what was to be written: operators with their options, and the
 * numbers of all tensors.
 * @throws QpruneError naming the first part that differs.
 */
export const checkTflite = (bytes: Uint8Array, draft: TfliteDraft, path: string): void => {
  const file = parseTflite(bytes, path);
  if (file.tensors.length !== draft.tensors.length) throw differs("the number of tensors");
  if (file.operators.length !== draft.operators.length) throw differs("the number of operators");
  for (const [index, { name, shape, data, quantization }] of draft.tensors.entries()) {
    const found = file.tensors[index];
    const isSame =
      found?.name === name &&
      String(found.shape) === String(shape) &&
      isSameQuantization(found.quantization, quantization) &&
      Buffer.compare(found.constant?.data ?? new Uint8Array(), data ?? new Uint8Array()) === 0;
    if (!isSame) throw differs(name);
  }
  for (const [index, operator] of draft.operators.entries()) {
    const found = file.operators[index];
    const options = Object.entries(operator.options ?? {});
    const isSame =
      found?.op === operator.op &&
      String(found.inputs) === String(operator.inputs) &&
      String(found.outputs) === String(operator.outputs) &&
      options.every(([name, value]) => isSameOption(found.options[name] ?? value, value));
    if (!isSame) throw differs(`operator ${index} (${operator.op})`);
  }
};
