import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { quoted } from "../../base/visible-text.js";
import { withOpenFile } from "../../files/reading/with-open-file.js";
import { MAX_FILE_BYTES } from "../safetensors/limits.js";
import { MessageProblem } from "./decode-message.js";
import { EXTERNAL, type OnnxTensor } from "./messages.js";
import { layoutOf } from "./tensor-bytes.js";

/** A name without folders, drives or device names, so that a model cannot read files of its choice (CWE-22). */
const PLAIN_NAME = /^(?!\.{1,2}$)[^/\\:\0]{1,255}$/;

/** A part of a file next to the model. */
interface Place {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

const COUNT = /^\d{1,15}$/;

const placeOf = (tensor: OnnxTensor): Place => {
  const facts = new Map(tensor.externalData.map(({ key, value }) => [key, value ?? ""]));
  const file = facts.get("location") ?? "";
  if (!PLAIN_NAME.test(file)) {
    throw new MessageProblem(
      `has its numbers in ${quoted(file)}, which is not the name of a file next to the model`,
    );
  }
  const { bytes } = layoutOf(tensor);
  const [offset, length] = [facts.get("offset") ?? "0", facts.get("length") ?? String(bytes)];
  if (!COUNT.test(offset) || !COUNT.test(length) || Number(length) !== bytes) {
    throw new MessageProblem(
      `needs ${bytes} bytes, but has ${quoted(length)} at ${quoted(offset)} of ${file}`,
    );
  }
  return { file, offset: Number(offset), length: bytes };
};

/** Reads the parts of one file, whose bytes together cannot exceed the file's. */
const readParts = async (path: string, places: readonly Place[]): Promise<Uint8Array[]> => {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink()) throw new MessageProblem(`${path} is a link to another file`);
  return withOpenFile(path, async ({ size, read }) => {
    const total = places.reduce((sum, { length }) => sum + length, 0);
    if (size > MAX_FILE_BYTES || total > size) {
      throw new MessageProblem(`needs ${total} bytes of ${path}, which has ${size}`);
    }
    const parts: Uint8Array[] = [];
    for (const { offset, length } of places) {
      if (offset + length > size) {
        throw new MessageProblem(`ends at byte ${offset + length} of ${path}, which has ${size}`);
      }
      parts.push(await read(offset, length));
    }
    return parts;
  });
};

/**
 * Reads the numbers of tensors that are in other files next to a model.
 * @throws MessageProblem for names that are not those of such files, and for files that are too short.
 */
export const readExternalData = async (
  modelPath: string,
  tensors: readonly OnnxTensor[],
): Promise<ReadonlyMap<OnnxTensor, Uint8Array>> => {
  const byFile = new Map<string, { tensor: OnnxTensor; place: Place }[]>();
  for (const tensor of tensors) {
    if (tensor.dataLocation !== EXTERNAL) continue;
    const place = placeOf(tensor);
    const known = byFile.get(place.file);
    if (known) known.push({ tensor, place });
    else byFile.set(place.file, [{ tensor, place }]);
  }
  const data = new Map<OnnxTensor, Uint8Array>();
  for (const [file, wanted] of byFile) {
    const path = join(dirname(modelPath), file);
    const parts = await readParts(
      path,
      wanted.map(({ place }) => place),
    );
    for (const [index, { tensor }] of wanted.entries())
      data.set(tensor, parts[index] as Uint8Array);
  }
  return data;
};
