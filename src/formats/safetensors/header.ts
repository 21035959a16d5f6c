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

/** The error for bytes that are not a valid safetensors file. */
export const malformed = (fileName: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`${fileName} is not a valid safetensors file: ${reason}.`, {
    hint: "Check that it is the right file and was copied completely, or save it again.",
    cause,
  });

/** A tensor's entry; its data are bytes `begin` to `end` after the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Bytes before the header, which contain its length. */
export const LENGTH_BYTES = 8;

/**
 * Reads the header's length from the first bytes of a file of `fileBytes` bytes.
 * @throws QpruneError if it exceeds the limit or the file (CWE-130).
 */
export const readHeaderLength = (
  start: Uint8Array,
  fileBytes: number,
  fileName: string,
): number => {
  if (start.length < LENGTH_BYTES || fileBytes < LENGTH_BYTES) {
    throw malformed(fileName, `it has ${fileBytes} bytes, too few for the length of a header`);
  }
  const view = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw malformed(fileName, `its header would have ${length} bytes (limit: ${MAX_HEADER_BYTES})`);
  }
  if (Number(length) > fileBytes - LENGTH_BYTES) {
    throw malformed(
      fileName,
      `its header would have ${length} bytes, but the file has ${fileBytes}`,
    );
  }
  return Number(length);
};

/** Index of the quote that closes the string opened at `start`. */
const closingQuote = (json: string, start: number): number => {
  let position = start + 1;
  while (json[position] !== '"') position += json[position] === "\\" ? 2 : 1;
  return position;
};

const skipSpaces = (json: string, start: number): number => {
  let position = start;
  while (
    json[position] === " " ||
    json[position] === "\n" ||
    json[position] === "\r" ||
    json[position] === "\t"
  )
    position++;
  return position;
};

/** The keys of a JSON text. */
interface JsonKeys {
  /** Keys of the outermost object in the order of the text (JSON.parse moves keys like "0" to the front). */
  readonly outermost: readonly string[];
  /** A key that occurs twice in one object (JSON.parse silently drops the first). */
  readonly duplicate: string | undefined;
}

/** Lists the keys of JSON that JSON.parse has accepted as an object. */
const jsonKeys = (json: string): JsonKeys => {
  const open: Set<string>[] = [];
  let outermost = new Set<string>();
  for (let position = 0; position < json.length; position++) {
    const character = json[position];
    if (character === "{") {
      open.push(new Set());
      if (open.length === 1) outermost = open[0] ?? outermost;
    } else if (character === "}") {
      open.pop();
    } else if (character === '"') {
      const end = closingQuote(json, position);
      // In valid JSON, only keys are followed by a colon.
      if (json[skipSpaces(json, end + 1)] === ":") {
        const key = String(JSON.parse(json.slice(position, end + 1)));
        const keys = open.at(-1);
        if (keys?.has(key)) return { outermost: [...outermost], duplicate: key };
        keys?.add(key);
      }
      position = end;
    }
  }
  return { outermost: [...outermost], duplicate: undefined };
};

/**
 * Decodes the header's JSON: the values of its outermost object, in the order of the text.
 * @throws QpruneError if it is not a JSON object, or a key occurs twice: parsers disagree on which one wins (CWE-436).
 */
const decodeHeader = (bytes: Uint8Array, fileName: string): Map<string, unknown> => {
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
 * Checks that the tensors cover the file's data without gap or overlap, as the format requires (CWE-130).
 * @throws QpruneError naming the first tensor that is out of place.
 */
const checkCoverage = (
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
        begin === covered
          ? `the data ends at ${dataBytes}`
          : `${covered} was expected as its start`;
      throw malformed(
        fileName,
        `tensor ${quoted(name)} is at bytes ${begin} to ${end}, but ${expected}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw malformed(fileName, `its tensors cover ${covered} of ${dataBytes} bytes of data`);
  }
};

/** The header's reserved key for metadata. */
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

/** A checked header. */
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
      `the entry of tensor ${quoted(name)} is invalid (${firstProblem(parsed.error, "it")})`,
    );
  }
  const { shape, data_offsets, dtype } = parsed.data;
  const [begin, end] = data_offsets;
  const bytes = storedBytes(dtype, shape);
  if (bytes === undefined || bytes !== end - begin) {
    const needed = bytes === undefined ? "too many" : bytes;
    throw malformed(
      fileName,
      `tensor ${quoted(name)}, ${dtype} of shape [${shape}], needs ${needed} bytes, but is at bytes ${begin} to ${end}`,
    );
  }
  return { name, dtype, shape, begin, end };
};

/**
 * Parses a header and checks it against the `dataBytes` bytes of data after it, which its tensors must cover
 * without gap or overlap.
 * @throws QpruneError naming the first problem.
 */
export const parseHeader = (bytes: Uint8Array, dataBytes: number, fileName: string): Header => {
  const values = decodeHeader(bytes, fileName);
  const metadata = metadataSchema.safeParse(values.get(METADATA_KEY) ?? {});
  if (!metadata.success) {
    throw malformed(
      fileName,
      `its metadata is invalid (${firstProblem(metadata.error, METADATA_KEY)})`,
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
