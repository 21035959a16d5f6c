import { QpruneError } from "../../base/errors.js";
import { type OnnxFile, parseOnnx } from "../../formats/onnx/read-onnx.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { numbersOf } from "../../formats/safetensors/tensor-values.js";
import type { WeightValue } from "../../graph/model.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import type { ExportNet } from "../export-net.js";

/** An integer times its factor and a grid value times its scale round differently. */
const TOLERANCE = 2 ** -22;

const differs = (what: string): QpruneError =>
  new QpruneError(`The written file differs from the exported net: ${what} is not the same.`, {
    hint: "Export it again. If that does not help, the disk may be damaged.",
  });

/** Whether the written bytes are those of consecutive chunks. */
const isSame = (bytes: Uint8Array, chunks: readonly Uint8Array[]): boolean => {
  let offset = 0;
  for (const chunk of chunks) {
    if (Buffer.compare(bytes.subarray(offset, offset + chunk.length), chunk) !== 0) return false;
    offset += chunk.length;
  }
  return offset === bytes.length;
};

/** The weights of a layer as a program computes them from the tensors of a file. */
const kernelIn = ({ tensors }: OnnxFile, name: string): ((index: number) => number) => {
  const read = (suffix: string): ArrayLike<number> | undefined => {
    const tensor = tensors.get(`${name}.${suffix}`) as StoredTensor | undefined;
    return tensor && numbersOf(tensor);
  };
  const [weight, codes, scale, shift, zero] = [
    // QONNX quantizes values that are on its grid already.
    read("weight") ?? read("weight_values"),
    read("weight_codes"),
    read("weight_scale"),
    read("weight_shift"),
    read("weight_zero"),
  ];
  if (weight) return (index) => weight[index] as number;
  if (!codes || !scale) throw differs(`${name}.weight`);
  const size = codes.length / scale.length;
  return (index) => {
    const filter = Math.floor(index / size);
    const code = (codes[index] as number) - (zero?.[filter] ?? 0);
    const product = Math.fround(code * (scale[filter] as number));
    return Math.fround(product - (shift?.[filter] ?? 0));
  };
};

const checkKernel = (file: OnnxFile, name: string, weight: WeightValue): void => {
  const actual = kernelIn(file, name);
  const scales = weight.kind === "quantized" ? weight.scale : undefined;
  const expected = weightNumbers(weight);
  const size = scales ? expected.length / scales.length : 1;
  for (let index = 0; index < expected.length; index++) {
    const tolerance = TOLERANCE * Math.abs(scales?.[Math.floor(index / size)] ?? 0);
    if (Math.abs(actual(index) - (expected[index] as number)) <= tolerance) continue;
    throw differs(`${name}.weight`);
  }
};

/** What a written file contains. */
interface Checked {
  readonly nodes: number;
  readonly tensors: OnnxFile["tensors"];
}

/**
 * Compares the bytes of a written ONNX file with those that were to be written, and its weights, as other programs compute them
 * from integers and scales, with those of the net.
 * @throws QpruneError naming the first layer that differs.
 */
export const checkOnnxModel = async (
  bytes: Uint8Array,
  { chunks, net, path }: { chunks: readonly Uint8Array[]; net: ExportNet; path: string },
): Promise<Checked> => {
  if (!isSame(bytes, chunks)) throw differs(path);
  const file = await parseOnnx(bytes, path);
  const { graph, weights } = net.model;
  for (const { name } of weightedNodes(graph))
    checkKernel(file, name, weights.get(`${name}.weight`) as WeightValue);
  return { nodes: file.graph.node.length, tensors: file.tensors };
};
