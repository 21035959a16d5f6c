import { ByteBuffer } from "flatbuffers";
import { MAX_PARTS, MAX_TEXT_BYTES, MAX_VECTOR } from "./limits.js";

/** Why bytes are not a valid .tflite file, as the end of a sentence about the file. */
export class TfliteProblem extends Error {}

/** A table of a FlatBuffer; its fields are found by their numbers in the schema, and have defaults. */
export interface Table {
  readonly int8: (field: number, otherwise?: number) => number;
  readonly uint8: (field: number, otherwise?: number) => number;
  readonly int32: (field: number, otherwise?: number) => number;
  readonly float32: (field: number, otherwise?: number) => number;
  readonly text: (field: number) => string;
  /** A table within this one; undefined if it is absent. */
  readonly table: (field: number) => Table | undefined;
  readonly tables: (field: number) => readonly Table[];
  /** A list of numbers; undefined if it is absent. */
  readonly int32s: (field: number) => readonly number[] | undefined;
  readonly int64s: (field: number) => readonly number[] | undefined;
  readonly float32s: (field: number) => readonly number[] | undefined;
  /** A view of the bytes of the file; undefined if it is absent. */
  readonly bytes: (field: number) => Uint8Array | undefined;
}

interface Budget {
  parts: number;
  textBytes: number;
}

const UTF_8 = new TextDecoder("utf-8");

/** Reads of a buffer that are checked before they happen, since the library reads zeros beyond its end. */
const checkedReader = (all: Uint8Array) => {
  const buffer = new ByteBuffer(all);
  const check = (at: number, length: number): number => {
    if (Number.isSafeInteger(at) && at >= 0 && at + length <= all.length) return at;
    throw new TfliteProblem(`it refers to byte ${at + length} of ${all.length}`);
  };
  return {
    check,
    int8: (at: number) => buffer.readInt8(check(at, 1)),
    uint8: (at: number) => buffer.readUint8(check(at, 1)),
    uint16: (at: number) => buffer.readUint16(check(at, 2)),
    int32: (at: number) => buffer.readInt32(check(at, 4)),
    uint32: (at: number) => buffer.readUint32(check(at, 4)),
    int64: (at: number) => Number(buffer.readInt64(check(at, 8))),
    float32: (at: number) => buffer.readFloat32(check(at, 4)),
  };
};

/** The table at a place of a buffer. */
const tableAt = (
  all: Uint8Array,
  read: ReturnType<typeof checkedReader>,
  { at, budget }: { readonly at: number; readonly budget: Budget },
): Table => {
  budget.parts++;
  if (budget.parts > MAX_PARTS) throw new TfliteProblem(`it has more than ${MAX_PARTS} parts`);
  const fields = at - read.int32(at);
  const fieldBytes = read.uint16(fields);
  /** The place of a field; 0 if it is absent. */
  const placeOf = (field: number): number => {
    const entry = 4 + 2 * field;
    if (entry + 2 > fieldBytes) return 0;
    const offset = read.uint16(fields + entry);
    return offset === 0 ? 0 : at + offset;
  };
  const scalar =
    (from: (place: number) => number) =>
    (field: number, otherwise = 0): number => {
      const place = placeOf(field);
      return place === 0 ? otherwise : from(place);
    };
  const follow = (place: number): number => place + read.uint32(place);
  /** The start and length of a vector. */
  const vector = (
    field: number,
    width: number,
    most = MAX_VECTOR,
  ): readonly [start: number, length: number] | undefined => {
    const place = placeOf(field);
    if (place === 0) return undefined;
    const start = follow(place);
    const length = read.uint32(start);
    if (length > most) throw new TfliteProblem(`it has a list of ${length} elements`);
    read.check(start + 4, length * width);
    return [start + 4, length];
  };
  const numbers =
    (from: (place: number) => number, width: number) =>
    (field: number): number[] | undefined => {
      const found = vector(field, width);
      if (!found) return undefined;
      const [start, length] = found;
      budget.parts += length;
      if (budget.parts > MAX_PARTS) throw new TfliteProblem(`it has more than ${MAX_PARTS} parts`);
      return Array.from({ length }, (_, index) => from(start + width * index));
    };
  return {
    int8: scalar(read.int8),
    uint8: scalar(read.uint8),
    int32: scalar(read.int32),
    float32: scalar(read.float32),
    text: (field) => {
      const [start, length] = vector(field, 1, all.length) ?? [0, 0];
      budget.textBytes += length;
      if (budget.textBytes > MAX_TEXT_BYTES)
        throw new TfliteProblem(`it has more than ${MAX_TEXT_BYTES} bytes of text`);
      return UTF_8.decode(all.subarray(start, start + length));
    },
    table: (field) => {
      const place = placeOf(field);
      return place === 0 ? undefined : tableAt(all, read, { at: follow(place), budget });
    },
    tables: (field) => {
      const [start, length] = vector(field, 4) ?? [0, 0];
      return Array.from({ length }, (_, index) =>
        tableAt(all, read, { at: follow(start + 4 * index), budget }),
      );
    },
    int32s: numbers(read.int32, 4),
    int64s: numbers(read.int64, 8),
    float32s: numbers(read.float32, 4),
    bytes: (field) => {
      const found = vector(field, 1, all.length);
      return found && all.subarray(found[0], found[0] + found[1]);
    },
  };
};

/** The outermost table of a FlatBuffer. @throws TfliteProblem if there is none. */
export const rootTable = (all: Uint8Array): Table => {
  const read = checkedReader(all);
  return tableAt(all, read, { at: read.uint32(0), budget: { parts: 0, textBytes: 0 } });
};
