import { z } from "zod";
import { QpruneError, usageError } from "../base/errors.js";
import { type OpenFile, withOpenFile } from "../files/with-open-file.js";
import { describeFileKind, KIND_BYTES } from "../formats/describe-file-kind.js";
import { LENGTH_BYTES } from "../formats/safetensors/header.js";
import { readOpenSafetensors } from "../formats/safetensors/read-safetensors.js";
import { isZip } from "../formats/torch/pth-file.js";
import { readOpenPth } from "../formats/torch/read-pth.js";
import { BEST_ACCURACY_KEY, type StateFile, type StateFileFormat } from "./state-file.js";

/** The brace that opens the header of a safetensors file, behind its length. */
const OPENING_BRACE = 0x7b;
/** The opcode that a pickle begins with. */
const PICKLE_START = 0x80;

/** Names lie, so the first bytes decide. The header's length may look like a pickle; a pickle has no brace there. */
const formatOfStart = (start: Uint8Array): StateFileFormat | undefined => {
  // The last byte of a header's length is 0, which no text has.
  const isBraced = start[LENGTH_BYTES] === OPENING_BRACE && start[LENGTH_BYTES - 1] === 0;
  if (isBraced) return "safetensors";
  return isZip(start) || start[0] === PICKLE_START ? "pth" : undefined;
};

const percentText = z.string().transform(Number).pipe(z.number().gt(0).lte(100));

const bestAccuracyOf = (metadata: StateFile["metadata"]): number | undefined =>
  percentText.safeParse(metadata[BEST_ACCURACY_KEY]).data;

const readSafetensorsFile = async (file: OpenFile): Promise<StateFile> => {
  const { tensors, metadata } = await readOpenSafetensors(file);
  return { tensors, metadata, bestAccuracy: bestAccuracyOf(metadata) };
};

const GIVE_OTHER =
  "Give a file that qprune or torch.save wrote, and check that it was copied completely.";

const unknown = (path: string, start: Uint8Array): QpruneError => {
  const kind = describeFileKind(start);
  const found = kind ? `is ${kind.what}` : "begins as none of either kind does";
  return new QpruneError(
    `${path} is neither a safetensors file nor a PyTorch checkpoint: it ${found}.`,
    { hint: kind?.hint ?? kind?.netHint ?? GIVE_OTHER },
  );
};

/** A file of a net with the format that it was found to have. */
export interface ReadStateFile extends StateFile {
  readonly format: StateFileFormat;
}

/** Where in a file its tensors are. */
export interface StateFilePlace {
  /** The dotted path to the dict of tensors in a .pth that has several. */
  readonly key?: string | undefined;
}

const refuseKey = (path: string): QpruneError =>
  usageError(
    `${path} is a safetensors file, which has no keys to choose from.`,
    "Leave --key out; it is for .pth files with several dicts of tensors.",
  );

/**
 * Reads a file of a net as its first bytes tell it: safetensors, or what torch.save writes.
 * @throws QpruneError where it cannot be read, has no such format, or is not valid.
 */
export const readStateFile = (path: string, { key }: StateFilePlace = {}): Promise<ReadStateFile> =>
  withOpenFile(path, async (file) => {
    const start = await file.read(0, Math.min(file.size, KIND_BYTES));
    const format = formatOfStart(start);
    switch (format) {
      case "safetensors":
        if (key !== undefined) throw refuseKey(path);
        return { format, ...(await readSafetensorsFile(file)) };
      case "pth":
        return { format, ...(await readOpenPth(file, key)) };
      case undefined:
        throw unknown(path, start);
    }
  });

/** Whether a file is one of torch.save's, by its first bytes. @throws QpruneError where it cannot be read. */
export const isPthFile = (path: string): Promise<boolean> =>
  withOpenFile(
    path,
    async ({ read, size }) => formatOfStart(await read(0, Math.min(size, KIND_BYTES))) === "pth",
  );
