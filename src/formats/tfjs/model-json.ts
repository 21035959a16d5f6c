import { z } from "zod";
import { MAX_PARTS, MAX_SHARDS } from "./limits.js";

const count = z.int().nonnegative();

const quantization = z.union([
  z.object({ dtype: z.enum(["uint8", "uint16"]), scale: z.number(), min: z.number() }),
  z.object({ dtype: z.literal("float16") }),
]);

const weightSchema = z.object({
  name: z.string().max(2000),
  shape: z.array(count).max(16),
  dtype: z.enum(["float32", "float16", "int32", "uint8", "bool"]),
  quantization: quantization.optional(),
});
/** A tensor as the manifest describes it; if it is quantized, its value is code scale + min. */
export type ManifestWeight = z.output<typeof weightSchema>;

export const manifestSchema = z
  .array(
    z.object({
      paths: z.array(z.string().max(1000)).max(MAX_SHARDS),
      weights: z.array(weightSchema).max(MAX_PARTS),
    }),
  )
  .max(MAX_SHARDS);

const nodeSchema = z.object({
  name: z.string().max(2000),
  op: z.string().max(200),
  input: z.array(z.string().max(2000)).default([]),
  attr: z.record(z.string(), z.unknown()).default({}),
});
/** A node of a TensorFlow graph as JSON. */
export type GraphDefNode = z.output<typeof nodeSchema>;

const tensorInfo = z.object({ name: z.string().optional() });
const signature = z.object({
  inputs: z.record(z.string(), tensorInfo).default({}),
  outputs: z.record(z.string(), tensorInfo).default({}),
});
export type GraphSignature = z.output<typeof signature>;

const graphSchema = z.object({ node: z.array(nodeSchema).max(MAX_PARTS) });

/** A frozen graph. */
export const graphModelSchema = z.object({
  modelTopology: graphSchema,
  signature: signature.optional(),
  userDefinedMetadata: z.object({ signature: signature.optional() }).optional().catch(undefined),
  weightsManifest: manifestSchema,
});

/** A model of Keras layers, whose topology is read layer by layer. */
export const layersModelSchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: manifestSchema,
});
