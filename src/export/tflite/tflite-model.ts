import { QpruneError } from "../../base/errors.js";
import type { TfliteDraft } from "../../formats/tflite/encode-tflite.js";
import { parseTflite } from "../../formats/tflite/read-tflite.js";
import { IMAGES, LOGITS } from "../../graph/graph-draft.js";
import { DATA_SET_KEY } from "../../import/metadata-keys.js";
import type { ExportNet } from "../export-net.js";
import { netGraph } from "../tfjs/net-graph.js";
import { lowerTfGraph } from "./lower-nodes.js";

/**
 * A net for LiteRT: one image [1, height, width, channels] to logits, in float32. Norms and the scales of quantized weights become
 * parts of the weights of their layers. `version` is the package's.
 * @throws QpruneError if weights are latent.
 */
export const tfliteDraft = (net: ExportNet, version: string): TfliteDraft => {
  const { tensors, operators, indexOf } = lowerTfGraph(netGraph(net.model));
  return {
    tensors,
    operators,
    inputs: [indexOf(net.model.graph.inputs[0]?.name ?? IMAGES)],
    outputs: [indexOf(LOGITS)],
    description: `${net.spec.arch}, qprune ${version}`,
    metadata: new Map([[DATA_SET_KEY, JSON.stringify(net.dataSet)]]),
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

/**
 * Compares the bytes of a written .tflite file, as read again, with what was to be written: operators with their options, and the
 * numbers of all tensors.
 * @throws QpruneError naming the first part that differs.
 */
export const checkTflite = (bytes: Uint8Array, draft: TfliteDraft, path: string): void => {
  const file = parseTflite(bytes, path);
  if (file.tensors.length !== draft.tensors.length) throw differs("the number of tensors");
  if (file.operators.length !== draft.operators.length) throw differs("the number of operators");
  for (const [index, { name, shape, data }] of draft.tensors.entries()) {
    const found = file.tensors[index];
    const isSame =
      found?.name === name &&
      String(found.shape) === String(shape) &&
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
