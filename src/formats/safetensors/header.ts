import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { quoted } from "../../base/visible-text.js";
import {
  MAX_DIMS,
  MAX_HEADER_BYTES,
  MAX_METADATA_LENGTH,
  MAX_NAME_LENGTH,
  MAX_TENSORS,
} from "./limits.js";
import { isStoredDtype, type StoredDtype, storedBytes } from "./stored-tensor.js";

/** The error for bytes that are no valid safetensors file. */
export const malformed = (fileName: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`${fileName} is not a valid safetensors file: ${reason}.`, {
    hint: "Check that it is the right file and was copied completely, or save it again.",
    cause,
  });

/** Where a tensor lies: bytes `begin` to `end` after the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Bytes in front of the header, which hold its length. */
export const LENGTH_BYTES = 8;

/**
 * Reads the header's length from the first bytes of a file of `fileBytes` bytes.
 * @throws QpruneError if a header of that length cannot be in the file.
 */
export const readHeaderLength = (
  start: Uint8Array,
  fileBytes: number,
  fileName: string,
): number => {
  if (start.length < LENGTH_BYTES || fileBytes < LENGTH_BYTES) {
    throw malformed(fileName, `it has ${fileBytes} bytes, too few for the header's length`);
  }
  const view = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw malformed(fileName, `its header would have ${length} bytes (limit: ${MAX_HEADER_BYTES})`);
  }
  if (Number(length) > fileBytes - LENGTH_BYTES) {
    throw malformed(fileName, `its header would have ${length} bytes, the file has ${fileBytes}`);
  }
  return Number(length);
};

/** Index of the quote that closes the string opened at `start`. */
const closingQuote = (json: string, start: number): number => {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
};

const skipSpaces = (json: string, start: number): number => {
  let at = start;
  while (json[at] === " " || json[at] === "\n" || json[at] === "\r" || json[at] === "\t") at++;
  return at;
};

/** What {@link jsonKeys} found. */
export interface JsonKeys {
  /** Keys of the outermost object as they stand in the text (JSON.parse moves those like "0" forward). */
  readonly outermost: readonly string[];
  /** A key that some object of the text has twice (JSON.parse silently drops the first). */
  readonly duplicate: string | undefined;
}

/** Lists the keys of a text that JSON.parse has accepted as an object. */
export const jsonKeys = (json: string): JsonKeys => {
  const open: Set<string>[] = [];
  let outermost = new Set<string>();
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") {
      open.push(new Set());
      if (open.length === 1) outermost = open[0] ?? outermost;
    } else if (character === "}") {
      open.pop();
    } else if (character === '"') {
      const end = closingQuote(json, at);
      // Of all the strings in valid JSON only a key is followed by a colon.
      if (json[skipSpaces(json, end + 1)] === ":") {
        const key = String(JSON.parse(json.slice(at, end + 1)));
        const keys = open.at(-1);
        if (keys?.has(key)) return { outermost: [...outermost], duplicate: key };
        keys?.add(key);
      }
      at = end;
    }
  }
  return { outermost: [...outermost], duplicate: undefined };
};

/**
 * Decodes the header's JSON: the values of its outermost object, in the order of the text.
 * @throws QpruneError if it is no JSON object, or an object in it has a key twice.
 */
export const decodeHeader = (bytes: Uint8Array, fileName: string): Map<string, unknown> => {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch (cause) {
    throw malformed(fileName, "its header is not JSON", cause);
  }
  if (typeof parsed !== "object" || parsed === null || !text.startsWith("{")) {
    throw malformed(fileName, "its header is not a JSON object");
  }
  const { outermost, duplicate } = jsonKeys(text);
  if (duplicate !== undefined) {
    throw malformed(fileName, `its header has the key ${quoted(duplicate)} twice`);
  }
  const values = new Map<string, unknown>(Object.entries(parsed));
  return new Map(outermost.map((key) => [key, values.get(key)]));
};

/**
 * Checks that the tensors fill the file's data without gap or overlap, as the format demands.
 * @throws QpruneError naming the first tensor that is out of place.
 */
export const checkCoverage = (
  entries: readonly HeaderEntry[],
  dataBytes: number,
  fileName: string,
): void => {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== covered || end > dataBytes) {
      const expected =
        begin === covered ? `the data end at ${dataBytes}` : `${covered} was expected`;
      throw malformed(
        fileName,
        `tensor ${quoted(name)} lies at ${begin} to ${end}, but ${expected}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw malformed(fileName, `its tensors fill ${covered} of ${dataBytes} bytes of data`);
  }
};

/** The header's key that stands for no tensor. */
export const METADATA_KEY = "__metadata__";

const count = z.number().int().nonnegative();
const entrySchema = z.object({
  dtype: z.custom<StoredDtype>(
    (name) => typeof name === "string" && isStoredDtype(name),
    "unknown",
  ),
  shape: z.array(count).max(MAX_DIMS),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z
  .record(z.string(), z.string())
  .refine(
    (metadata) => Object.entries(metadata).flat().join("").length <= MAX_METADATA_LENGTH,
    `more than ${MAX_METADATA_LENGTH} characters`,
  );

/** What a checked header says. */
export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

const parseEntry = (name: string, value: unknown, fileName: string): HeaderEntry => {
  if (name.length > MAX_NAME_LENGTH) {
    throw malformed(
      fileName,
      `a tensor's name has ${name.length} characters (limit: ${MAX_NAME_LENGTH})`,
    );
  }
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    throw malformed(
      fileName,
      `the entry of tensor ${quoted(name)} is wrong (${firstProblem(parsed.error, "it")})`,
    );
  }
  const { shape, data_offsets, dtype } = parsed.data;
  const [begin, end] = data_offsets;
  const bytes = storedBytes(dtype, shape);
  if (bytes === undefined || bytes !== end - begin) {
    const needed = bytes === undefined ? "too many" : bytes;
    throw malformed(
      fileName,
      `tensor ${quoted(name)}, ${dtype} of shape [${shape}], needs ${needed} bytes and lies at ${begin} to ${end}`,
    );
  }
  return { name, dtype, shape, begin, end };
};

/**
 * Reads a header and checks everything it claims against the `dataBytes` bytes that follow it.
 * The tensors must fill those bytes without gap or overlap, as the format demands.
 * @throws QpruneError naming the first thing that is wrong.
 */
export const parseHeader = (bytes: Uint8Array, dataBytes: number, fileName: string): Header => {
  const values = decodeHeader(bytes, fileName);
  const metadata = metadataSchema.safeParse(values.get(METADATA_KEY) ?? {});
  if (!metadata.success) {
    throw malformed(
      fileName,
      `its metadata are wrong (${firstProblem(metadata.error, METADATA_KEY)})`,
    );
  }
  values.delete(METADATA_KEY);
  if (values.size > MAX_TENSORS) {
    throw malformed(fileName, `it lists ${values.size} tensors (limit: ${MAX_TENSORS})`);
  }
  const entries = [...values].map(([name, value]) => parseEntry(name, value, fileName));
  checkCoverage(entries, dataBytes, fileName);
  return { entries, metadata: metadata.data };
};
