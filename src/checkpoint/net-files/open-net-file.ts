import { z } from "zod";
import { QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type OpenFile, withOpenFile } from "../../files/reading/with-open-file.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";
import { LENGTH_BYTES } from "../../formats/safetensors/header.js";
import { readOpenSafetensors } from "../../formats/safetensors/read-safetensors.js";
import { isZip } from "../../formats/torch/pth-file.js";
import { readOpenPth } from "../../formats/torch/read-pth.js";
import { type ForeignOptions, readForeignState } from "../imported-state.js";
import { FOREIGN_FORMATS, type ForeignFormat, foreignFormatOf } from "./foreign-net.js";
import { BEST_ACCURACY_KEY, type NetFile, type NetFileFormat } from "./net-file.js";

/** The brace that opens the header of a safetensors file, after its length. */
const OPENING_BRACE = 0x7b;
/** The first opcode of a pickle. */
const PICKLE_START = 0x80;

/** A format that is read: one that is also written, or that of another program's nets. */
type ReadFormat = NetFileFormat | ForeignFormat;

/**
 * Recognizes the format by the first bytes, since names may be wrong. A header's length may look like the start of a
 * pickle, but a pickle has no brace after it.
 */
const formatOfStart = (start: Uint8Array): ReadFormat | undefined => {
  // The last byte of a header's length is 0, which no text contains.
  const isBraced = start[LENGTH_BYTES] === OPENING_BRACE && start[LENGTH_BYTES - 1] === 0;
  if (isBraced) return "safetensors";
  const foreign = foreignFormatOf(start);
  if (foreign) return foreign;
  return isZip(start) || start[0] === PICKLE_START ? "pth" : undefined;
};

const percentText = z.string().transform(Number).pipe(z.number().gt(0).lte(100));

const bestAccuracyOf = (metadata: NetFile["metadata"]): number | undefined =>
  percentText.safeParse(metadata[BEST_ACCURACY_KEY]).data;

const readSafetensorsFile = async (file: OpenFile): Promise<NetFile> => {
  const { tensors, metadata } = await readOpenSafetensors(file);
  return { tensors, metadata, bestAccuracy: bestAccuracyOf(metadata) };
};

const OTHER_FILE =
  "Give a file written by qprune or torch.save, and check that it was copied completely.";

const unknown = (path: string, start: Uint8Array): QpruneError => {
  const kind = describeFileKind(start);
  const found = kind ? `it is ${kind.what}` : "its first bytes match none of these formats";
  return new QpruneError(
    `${path} is neither a safetensors file nor a PyTorch checkpoint nor another program's model: ${found}.`,
    {
      hint: kind?.hint ?? kind?.netHint ?? OTHER_FILE,
      ...(kind?.netCode && { code: kind.netCode }),
    },
  );
};

/** The content of a file of a net, with its format. */
export interface OpenedNetFile extends NetFile {
  readonly format: ReadFormat;
  /** What was changed or assumed for a net of another program, as sentences. */
  readonly notices?: readonly string[];
}

/** Where the tensors are in a file, and what to take of another program's net. */
export interface NetFileLocation extends ForeignOptions {
  /** The dotted path to the dict of tensors, for a .pth with several. */
  readonly key?: string | undefined;
}

const refuseKey = (path: string, what: string): QpruneError =>
  usageError(
    `${path} is ${what}, which has no keys to choose from.`,
    "Omit the key; it is for .pth files with several dicts of tensors.",
    { code: "key-for-safetensors-file" },
  );

/** Refuses options that only other programs' models have. */
const checkImportOptions = (
  path: string,
  { until, imageSize: image_size, normalization: mean }: NetFileLocation,
): void => {
  const given = Object.entries({ until, image_size, mean }).find(([, value]) => value);
  if (!given) return;
  throw usageError(
    `${path} is not a model of another program.`,
    `Omit ${option(given[0])}, which is for ONNX, TensorFlow and Keras models.`,
  );
};

/**
 * Reads a file of a net, recognized by its first bytes: safetensors, torch.save's format, or another program's model, whose
 * net is returned as a file of qprune would contain it.
 * @throws QpruneError if it cannot be read, has another format, or is not valid.
 */
export const openNetFile = (path: string, location: NetFileLocation = {}): Promise<OpenedNetFile> =>
  withOpenFile(path, async (file) => {
    const start = await file.read(0, Math.min(file.size, KIND_BYTES));
    const format = formatOfStart(start);
    const { key } = location;
    if (format === undefined) throw unknown(path, start);
    if (!(format in FOREIGN_FORMATS)) checkImportOptions(path, location);
    switch (format) {
      case "safetensors":
        if (key !== undefined) throw refuseKey(path, "a safetensors file");
        return { format, ...(await readSafetensorsFile(file)) };
      case "pth":
        return { format, ...(await readOpenPth(file, key)) };
      default:
        if (key !== undefined) throw refuseKey(path, FOREIGN_FORMATS[format].what);
        return { format, ...(await readForeignState(file, format, location)) };
    }
  });

/** Whether a file was written by torch.save, by its first bytes. @throws QpruneError if it cannot be read. */
export const isPthFile = (path: string): Promise<boolean> =>
  withOpenFile(
    path,
    async ({ read, size }) => formatOfStart(await read(0, Math.min(size, KIND_BYTES))) === "pth",
  );
