import { z } from "zod";
import type { GraphNode } from "../tf-graph.js";

const count = z.int().nonnegative();

const nodeSchema = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()),
  attr: z.record(z.string(), z.unknown()),
});

const topologySchema = z.object({
  node: z.array(nodeSchema),
  versions: z.object({ producer: count, minConsumer: count }),
});

const weightSchema = z.object({
  name: z.string(),
  shape: z.array(count),
  dtype: z.enum(["float32", "int32"]),
  /** Set if the tensor is stored as bytes: value = byte scale + min. */
  quantization: z
    .object({ dtype: z.literal("uint8"), scale: z.number(), min: z.number() })
    .optional(),
});
export type StoredWeight = z.output<typeof weightSchema>;

const tensorInfo = z.object({ name: z.string(), dtype: z.string(), tensorShape: z.unknown() });

/**
 * model.json of a TensorFlow.js graph model, as qprune writes it: the graph, and the tensors in the order of the
 * weight files.
 */
export const modelJsonSchema = z.object({
  format: z.literal("graph-model"),
  generatedBy: z.string(),
  convertedBy: z.string(),
  signature: z.object({
    inputs: z.record(z.string(), tensorInfo),
    outputs: z.record(z.string(), tensorInfo),
  }),
  userDefinedMetadata: z.record(z.string(), z.unknown()),
  modelTopology: topologySchema,
  weightsManifest: z.array(
    z.object({ paths: z.array(z.string()), weights: z.array(weightSchema) }),
  ),
});
export type ModelJson = Omit<z.output<typeof modelJsonSchema>, "modelTopology"> & {
  readonly modelTopology: Omit<z.output<typeof topologySchema>, "node"> & {
    readonly node: readonly GraphNode[];
  };
};
