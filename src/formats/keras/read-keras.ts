import { QpruneError } from "../../base/errors.js";
import { visibleText } from "../../base/visible-text.js";
import type { OpenFile } from "../../files/reading/with-open-file.js";
import { Hdf5Problem } from "../hdf5/bytes.js";
import { type Hdf5Object, isHdf5, readHdf5 } from "../hdf5/read-hdf5.js";
import { MAX_FILE_BYTES } from "../safetensors/limits.js";
import { firstEntryName } from "../zip/first-entry.js";
import { readStoredZip } from "../zip/read-stored-zip.js";
import { MAX_CONFIG_BYTES, MAX_ENTRIES, MAX_NAME_LENGTH } from "./limits.js";

/** A Keras model as read: its configuration as JSON, and where its weights are. */
export interface KerasFile {
  /** `h5`: groups named after layers; `keras`: groups named after the classes of layers. */
  readonly kind: "h5" | "keras";
  readonly config: unknown;
  /** The version that wrote it, as in 3.5.0. */
  readonly version: string;
  readonly weights: Hdf5Object;
}

/** The error for a file that is no valid Keras model. */
export const malformedKerasFile = (path: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(visibleText(`${path} is not a valid Keras model: ${reason}.`), {
    hint: "Check that it was copied completely, or save it again with model.save.",
    cause,
  });

const parseJson = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Hdf5Problem(`${what} is not complete JSON`);
  }
};

const fromH5 = (bytes: Uint8Array): KerasFile => {
  const root = readHdf5(bytes);
  const config = root.texts("model_config")?.[0];
  const weights = root.member("model_weights");
  if (config === undefined || !weights)
    throw new Hdf5Problem("it contains no configuration of a model, as model.save writes it");
  const version = root.texts("keras_version")?.[0] ?? "";
  return { kind: "h5", config: parseJson(config, "its configuration"), version, weights };
};

const versionIn = (metadata: unknown): string =>
  typeof metadata === "object" &&
  metadata !== null &&
  "keras_version" in metadata &&
  typeof metadata.keras_version === "string"
    ? metadata.keras_version
    : "";

const jsonEntry = (entries: ReadonlyMap<string, Uint8Array>, name: string): unknown => {
  const bytes = entries.get(name);
  if (!bytes) throw new Hdf5Problem(`it has no ${name}`);
  if (bytes.length > MAX_CONFIG_BYTES)
    throw new Hdf5Problem(`its ${name} has ${bytes.length} bytes (limit: ${MAX_CONFIG_BYTES})`);
  return parseJson(new TextDecoder().decode(bytes), name);
};

const fromArchive = async (bytes: Uint8Array, path: string): Promise<KerasFile> => {
  const entries = await readStoredZip(bytes, {
    maxEntries: MAX_ENTRIES,
    maxNameLength: MAX_NAME_LENGTH,
    writer: "model.save",
    refuse: (reason, cause) => malformedKerasFile(path, reason, cause),
  });
  const weights = entries.get("model.weights.h5");
  if (!weights) throw new Hdf5Problem("it has no model.weights.h5");
  return {
    kind: "keras",
    config: jsonEntry(entries, "config.json"),
    version: versionIn(jsonEntry(entries, "metadata.json")),
    weights: readHdf5(weights),
  };
};

/** Whether a file starts like a model of Keras: an HDF5 file, or an archive that starts with its configuration. */
export const isKeras = (start: Uint8Array): boolean =>
  isHdf5(start) || /^(metadata|config)\.json$/.test(firstEntryName(start) ?? "");

/**
 * Reads an open Keras model: .h5 of Keras 2 and 3, and the archive .keras.
 * @throws QpruneError if it is not valid, or its weights are not in one piece.
 */
export const readOpenKeras = async ({ path, size, read }: OpenFile): Promise<KerasFile> => {
  if (size > MAX_FILE_BYTES)
    throw malformedKerasFile(path, `it has ${size} bytes (limit: ${MAX_FILE_BYTES})`);
  const bytes = await read(0, size);
  try {
    return isHdf5(bytes) ? fromH5(bytes) : await fromArchive(bytes, path);
  } catch (error) {
    if (!(error instanceof Hdf5Problem)) throw error;
    throw malformedKerasFile(path, error.message, error);
  }
};
