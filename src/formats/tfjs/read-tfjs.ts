import type { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { visibleText } from "../../base/visible-text.js";
import type { OpenFile } from "../../files/reading/with-open-file.js";
import { MAX_JSON_BYTES } from "./limits.js";
import {
  type GraphDefNode,
  type GraphSignature,
  graphModelSchema,
  layersModelSchema,
} from "./model-json.js";
import { readWeights, type TfjsTensor } from "./read-weights.js";
import { TfjsProblem } from "./tfjs-problem.js";

/** A model.json with its weights: a frozen TensorFlow graph, or a model of Keras layers. */
export type TfjsFile = { readonly weights: ReadonlyMap<string, TfjsTensor> } & (
  | {
      readonly kind: "graph";
      readonly nodes: readonly GraphDefNode[];
      readonly signature: GraphSignature | undefined;
    }
  | { readonly kind: "layers"; readonly topology: Readonly<Record<string, unknown>> }
);

/** The error for a model.json that is not valid. */
export const malformedTfjs = (path: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(visibleText(`${path} is not a valid TensorFlow.js model: it ${reason}.`), {
    hint: "Check that model.json and all files with weights are there and were copied completely.",
    cause,
  });

/** The start of a model.json: an object with one of the keys that only such models have. */
export const isTfjs = (start: Uint8Array): boolean => {
  const text = Buffer.from(start).toString("latin1").trimStart();
  return (
    text.startsWith("{") &&
    /"(modelTopology|weightsManifest)"\s*:|"format"\s*:\s*"(graph|layers)-model"/.test(text)
  );
};

const parsed = <T>(schema: z.ZodType<T>, raw: unknown): T => {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw new TfjsProblem(`has wrong content (${firstProblem(result.error, "model.json")})`);
};

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new TfjsProblem("is not complete JSON");
  }
};

const isGraph = (raw: unknown): boolean =>
  typeof raw === "object" &&
  raw !== null &&
  "modelTopology" in raw &&
  typeof raw.modelTopology === "object" &&
  raw.modelTopology !== null &&
  "node" in raw.modelTopology;

const parse = async (bytes: Uint8Array, path: string): Promise<TfjsFile> => {
  const raw = parseJson(bytes);
  if (isGraph(raw)) {
    const { modelTopology, signature, userDefinedMetadata, weightsManifest } = parsed(
      graphModelSchema,
      raw,
    );
    return {
      kind: "graph",
      nodes: modelTopology.node,
      signature: signature ?? userDefinedMetadata?.signature,
      weights: await readWeights(path, weightsManifest),
    };
  }
  const { modelTopology, weightsManifest } = parsed(layersModelSchema, raw);
  return {
    kind: "layers",
    topology: modelTopology,
    weights: await readWeights(path, weightsManifest),
  };
};

/**
 * Reads an open model.json of TensorFlow.js and the files next to it that contain its weights.
 * @throws QpruneError if they are not valid, too large, or do not fit each other.
 */
export const readOpenTfjs = async ({ path, size, read }: OpenFile): Promise<TfjsFile> => {
  if (size > MAX_JSON_BYTES)
    throw malformedTfjs(path, `has ${size} bytes (limit: ${MAX_JSON_BYTES})`);
  try {
    return await parse(await read(0, size), path);
  } catch (error) {
    if (!(error instanceof TfjsProblem)) throw error;
    throw malformedTfjs(path, error.message, error);
  }
};
