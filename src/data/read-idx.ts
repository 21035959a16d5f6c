import { readFile, stat } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { QpruneError } from "../base/errors.js";
import { describeFileKind, KIND_BYTES } from "../formats/describe-file-kind.js";

/** MNIST's largest file has 60,000 images; a file that claims more is not of this kind. */
const MAX_ITEMS = 100_000;
/** Images of at most this side: MNIST's are 28x28. */
const MAX_SIDE = 64;
/** A larger compressed file is refused unread: MNIST's largest has 10 MB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const UNSIGNED_BYTE = 0x08;
/** The types of IDX files by their code. */
const TYPES: Readonly<Record<number, string>> = {
  [UNSIGNED_BYTE]: "unsigned bytes",
  9: "signed bytes",
  11: "16-bit integers",
  12: "32-bit integers",
  13: "32-bit floats",
  14: "64-bit floats",
};

/** The content of an IDX file of unsigned bytes. */
export interface Idx {
  /** The size of each axis; the first is the number of items. */
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const COPY_AGAIN = "Check that it is the right file and was copied completely.";

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Decompresses to at most `maxBytes` bytes. */
const unzip = (zipped: Buffer, maxBytes: number, path: string): Buffer => {
  try {
    return gunzipSync(zipped, { maxOutputLength: maxBytes });
  } catch (cause) {
    const kind = isGzip(zipped) ? undefined : describeFileKind(zipped.subarray(0, KIND_BYTES));
    if (kind) {
      throw new QpruneError(`${path} is ${kind.what}, not a gzipped IDX file.`, {
        hint: kind.hint ?? COPY_AGAIN,
        cause,
      });
    }
    throw new QpruneError(
      `${path} is not a complete gzip file of at most ${maxBytes} bytes: ${(cause as Error).message}.`,
      { cause },
    );
  }
};

/** Parses the IDX format: 0, 0, type, number of axes; the sizes as big-endian uint32; the values. */
const parseIdx = (bytes: Buffer, axes: number, path: string): Idx => {
  const headerBytes = 4 + 4 * axes;
  const magic = (UNSIGNED_BYTE << 8) | axes;
  if (bytes.length < headerBytes || bytes.readUInt32BE(0) !== magic) {
    const kind = describeFileKind(bytes.subarray(0, KIND_BYTES));
    const [first, second, type = 0, foundAxes] = bytes;
    const isIdx = foundAxes !== undefined && first === 0 && second === 0 && type in TYPES;
    const other = kind ? `it is ${kind.what}` : "its header is cut off or has another format";
    const found = isIdx ? `it has ${TYPES[type]} with ${foundAxes} axes` : other;
    throw new QpruneError(
      `${path} is not an IDX file of unsigned bytes with ${axes} axes: ${found}.`,
      {
        hint: kind?.hint ?? COPY_AGAIN,
      },
    );
  }
  const shape = Array.from({ length: axes }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const isSane = shape.every(
    (size, axis) => size >= 1 && size <= (axis === 0 ? MAX_ITEMS : MAX_SIDE),
  );
  const expected = headerBytes + shape.reduce((product, size) => product * size, 1);
  if (!isSane || bytes.length !== expected) {
    throw new QpruneError(
      `${path} is damaged: its header declares the shape ${shape.join("x")}, which takes ${expected} bytes, but it has ${bytes.length} (limit: ${MAX_ITEMS} items of ${MAX_SIDE}x${MAX_SIDE}).`,
    );
  }
  return { shape, values: bytes.subarray(headerBytes) };
};

/**
 * Reads a gzipped IDX file of unsigned bytes.
 * @param axes the number of axes: 1 for labels, 3 for images
 * @throws QpruneError if it cannot be read, is damaged or is another file.
 */
export const readIdx = async (path: string, axes: 1 | 3): Promise<Idx> => {
  const maxBytes = 4 + 4 * axes + MAX_ITEMS * (axes === 1 ? 1 : MAX_SIDE * MAX_SIDE);
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw new Error(`it has ${size} bytes`);
    return parseIdx(unzip(await readFile(path), maxBytes, path), axes, path);
  } catch (cause) {
    if (cause instanceof QpruneError) throw cause;
    throw new QpruneError(`Cannot read ${path}: ${(cause as Error).message}.`, { cause });
  }
};
