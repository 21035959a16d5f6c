import { z } from "zod";
import { QpruneError } from "../base/errors.js";
import { firstProblem } from "../base/first-problem.js";
import { jsonOf } from "../base/json-of.js";
import { type DataSetInfo, dataSetInfoSchema } from "../data/data-set.js";
import { checkGraph } from "../graph/check-graph.js";
import { quantizationSchema } from "../graph/quantizers.js";
import { chainSpecSchema, widthsOf } from "../models/chains/chain-spec.js";
import { checkSpec } from "../models/chains/check-chain.js";
import { graphSpecSchema, isChain, type NetSpec, specOfGraph } from "../models/net-spec.js";
import { type PackedCodes, packedCodesSchema } from "./tensors/hysteresis-codes.js";

/** What a checkpoint records besides its tensors. */
export interface Manifest {
  readonly spec: NetSpec;
  readonly dataSet: DataSetInfo;
  /** Percent of the test images; absent if the weights were not tested. */
  readonly accuracy?: number | undefined;
  /** Percent of the held-out training images by which the epoch was chosen; absent without held-out images. */
  readonly validationAccuracy?: number | undefined;
  readonly epoch: number;
  /** False while the run that writes the file is unfinished. */
  readonly isFinished: boolean;
  /** Hysteresis state of ternary weights; absent without a hysteresis band. */
  readonly ternaryCodes?: PackedCodes | undefined;
  /** Id of the unfinished run that writes the file; absent from finished files. */
  readonly run?: string | undefined;
  /** Version of qprune that wrote the file. */
  readonly version: string;
}

const json = <T extends z.ZodType>(schema: T) =>
  z.string().transform((text, context): z.output<T> => {
    const parsed = schema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    const { path = [], message = "" } = parsed.error.issues[0] ?? {};
    context.addIssue({ code: "custom", message, path: [...path] });
    return z.NEVER;
  });

const FORMAT = "qprune";

/** Whether metadata identify themselves as qprune's. */
export const isManifest = (metadata: Readonly<Record<string, string>>): boolean =>
  metadata.format === FORMAT;

/** A run's id is a UUID, which is shorter. */
const MAX_RUN_ID = 64;

const percent = z.number().min(0).max(100);

/** The metadata of safetensors are strings, so numbers and objects are stored as JSON. */
const metadataSchema = z.object({
  format: z.literal(FORMAT),
  version: z.string(),
  /** A chain of convolutions (version 1). */
  spec: json(chainSpecSchema).optional(),
  /** Any other net (version 2). */
  net: json(graphSpecSchema).optional(),
  dataSet: json(dataSetInfoSchema),
  accuracy: json(percent).optional(),
  validationAccuracy: json(percent).optional(),
  epoch: json(z.int().nonnegative()),
  finished: z.enum(["true", "false"]),
  ternaryCodes: json(packedCodesSchema).optional(),
  run: z.string().max(MAX_RUN_ID).optional(),
});

/** JSON with keys in the schema's order, so that rewriting a file reproduces every byte. */
const inOrder = <T extends z.ZodType>(schema: T, value: z.input<T>): string =>
  JSON.stringify(schema.parse(value));

const specToMetadata = (spec: NetSpec): Record<string, string> => {
  if (isChain(spec)) return { spec: inOrder(chainSpecSchema, spec) };
  const { arch, quantization, form, graph } = spec;
  return { net: JSON.stringify({ arch, quantization, form, graph }) };
};

/** The manifest as safetensors metadata; arch, cfg and quantizer are included for humans only. */
export const manifestToMetadata = (manifest: Manifest): Record<string, string> => ({
  format: FORMAT,
  version: manifest.version,
  arch: manifest.spec.arch,
  ...(isChain(manifest.spec) && { cfg: widthsOf(manifest.spec).join(",") }),
  quantizer: inOrder(quantizationSchema, manifest.spec.quantization),
  ...specToMetadata(manifest.spec),
  dataSet: inOrder(dataSetInfoSchema, manifest.dataSet),
  ...(manifest.accuracy !== undefined && { accuracy: JSON.stringify(manifest.accuracy) }),
  ...(manifest.validationAccuracy !== undefined && {
    validationAccuracy: JSON.stringify(manifest.validationAccuracy),
  }),
  epoch: JSON.stringify(manifest.epoch),
  finished: String(manifest.isFinished),
  ...(manifest.run !== undefined && { run: manifest.run }),
  ...(manifest.ternaryCodes && { ternaryCodes: JSON.stringify(manifest.ternaryCodes) }),
});

const damaged = (path: string, problem: string): QpruneError =>
  new QpruneError(`${path}: the description of the net is damaged (${problem}).`, {
    hint: "Use another copy of the file, or train it again.",
  });

/** The net that metadata describe, in the form of version 1 or 2. */
const checkedSpec = (
  chain: z.output<typeof chainSpecSchema> | undefined,
  net: z.output<typeof graphSpecSchema> | undefined,
  path: string,
): NetSpec => {
  if (net) {
    checkGraph(net.graph, path);
    return specOfGraph(net);
  }
  if (!chain) throw damaged(path, "spec is missing");
  checkSpec(chain, path);
  return chain;
};

/**
 * Parses the manifest; undefined if the metadata is not qprune's, as in a file from PyTorch.
 * @throws QpruneError if the metadata identifies itself as qprune's but is invalid.
 */
export const manifestFromMetadata = (
  metadata: Readonly<Record<string, string>>,
  path: string,
): Manifest | undefined => {
  if (!isManifest(metadata)) return undefined;
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) {
    throw damaged(path, firstProblem(parsed.error, "metadata"));
  }
  const { finished, spec: chain, net, ...manifest } = parsed.data;
  return { ...manifest, spec: checkedSpec(chain, net, path), isFinished: finished === "true" };
};
