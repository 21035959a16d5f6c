import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { jsonOf } from "../../base/json-of.js";
import { quoted } from "../../base/visible-text.js";
import { checkPacking } from "../../checkpoint/packed/check-packing.js";
import { unpackCodes, unpackKernel } from "../../checkpoint/packed/packed-kernel.js";
import { packedNames, readPacking } from "../../checkpoint/packed/packing.js";
import { type DataSetInfo, dataSetInfoSchema } from "../../data/data-set.js";
import type { SafetensorsFile, StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { float32Values } from "../../formats/safetensors/tensor-values.js";
import { checkGraph } from "../../graph/check-graph.js";
import { type Graph, nodesInGraph, parametersOf } from "../../graph/graph.js";
import type { Model, WeightValue } from "../../graph/model.js";
import { chainSpecSchema } from "../../models/chains/chain-spec.js";
import { chainToGraph } from "../../models/chains/chain-to-graph.js";
import { checkSpec } from "../../models/chains/check-chain.js";
import { graphSpecSchema } from "../../models/net-spec.js";

/** A packed net, unpacked to integer codes. */
export interface PackedNet {
  readonly arch: string;
  readonly model: Model;
  readonly dataSet: DataSetInfo;
}

const metadataSchema = z.object({
  format: z.literal("qprune"),
  spec: z.string().optional(),
  net: z.string().optional(),
  dataSet: z.string(),
});

const damaged = (name: string, problem: string): QpruneError =>
  new QpruneError(`${name}: the description of the net is damaged (${problem}).`, {
    hint: "Use another copy of the file, or export it again.",
  });

const parsed = <T extends z.ZodType>(
  schema: T,
  value: unknown,
  { name, what }: { readonly name: string; readonly what: string },
): z.output<T> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw damaged(name, firstProblem(result.error, what));
};

/** The net that metadata describe: a chain of convolutions, or a graph. */
const describedGraph = (
  { spec, net }: z.output<typeof metadataSchema>,
  name: string,
): { readonly arch: string; readonly graph: Graph } => {
  if (net !== undefined) {
    const { arch, graph } = parsed(graphSpecSchema, jsonOf(net), { name, what: "net" });
    checkGraph(graph, name);
    return { arch, graph };
  }
  if (spec === undefined) throw damaged(name, "spec is missing");
  const chain = parsed(chainSpecSchema, jsonOf(spec), { name, what: "spec" });
  checkSpec(chain, name);
  const graph = chainToGraph(chain);
  checkGraph(graph, name);
  return { arch: chain.arch, graph };
};

/** The float tensor of a parameter. */
const floatValue = (
  tensor: StoredTensor | undefined,
  shape: readonly number[],
  name: string,
): WeightValue => {
  const fail = (problem: string): QpruneError =>
    new QpruneError(`${name}: ${problem}.`, {
      hint: "Use another copy of the file, or export it again.",
    });
  if (!tensor) throw fail("this tensor is missing");
  if (String(tensor.shape) !== String(shape))
    throw fail(`this tensor has the shape [${tensor.shape}], but the net needs [${shape}]`);
  const values = float32Values(tensor, name);
  if (!values.every(Number.isFinite)) throw fail("this tensor contains NaN or infinite values");
  return { kind: "float", shape, values };
};

/**
 * Reads a packed file (docs/packed-format.md). Nothing is allocated for a net before its sizes are checked.
 * @param name of the file, for messages
 * @throws QpruneError if it is no packed file, or damaged.
 */
export const readPacked = ({ tensors, metadata }: SafetensorsFile, name: string): PackedNet => {
  const packing = readPacking(metadata, name);
  if (!packing) {
    throw new QpruneError(`${quoted(name)} is no packed file.`, {
      hint: "The runtime computes with packed files: qprune export FILE --format packed.",
    });
  }
  const known = parsed(metadataSchema, metadata, { name, what: "metadata" });
  const dataSet = parsed(dataSetInfoSchema, jsonOf(known.dataSet), { name, what: "dataSet" });
  const { arch, graph } = describedGraph(known, name);
  const kernels = checkPacking(tensors, packing, graph, name);
  const weights = new Map<string, WeightValue>();
  for (const placed of nodesInGraph(graph))
    for (const { suffix, shape, role, isOptional } of parametersOf(placed)) {
      const own = `${placed.node.name}.${suffix}`;
      const kernel = kernels.get(packedNames(own).codes);
      if (kernel) {
        const { packed, count } = kernel;
        const values = () => unpackKernel(packed, count, shape[0] as number);
        weights.set(own, unpackCodes(packed, shape) ?? { kind: "float", shape, values: values() });
      } else if (role !== "counter" && role !== "kernelScale") {
        if (isOptional && !tensors.has(own)) continue;
        weights.set(own, floatValue(tensors.get(own), shape, `${name}: ${own}`));
      }
    }
  return { arch, model: { graph, weights }, dataSet };
};
