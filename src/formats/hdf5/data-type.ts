import type { StoredDtype } from "../safetensors/stored-tensor.js";
import { addressAt, type Hdf5Bytes, Hdf5Problem } from "./bytes.js";
import { MAX_RANK, MAX_TEXTS } from "./limits.js";

/** The type of each element: a number, a text of a fixed length, or a text elsewhere in the file. */
export type DataType =
  | { readonly kind: "number"; readonly dtype: StoredDtype; readonly size: number }
  | { readonly kind: "text"; readonly size: number }
  | { readonly kind: "heap text"; readonly size: 16 }
  | { readonly kind: "other"; readonly size: number };

const [INTEGER, FLOAT, TEXT, VARIABLE] = [0, 1, 3, 9];

const FLOATS: Readonly<Record<number, StoredDtype>> = { 2: "F16", 4: "F32", 8: "F64" };
const SIGNED: Readonly<Record<number, StoredDtype>> = { 1: "I8", 2: "I16", 4: "I32", 8: "I64" };
const UNSIGNED: Readonly<Record<number, StoredDtype>> = { 1: "U8", 2: "U16", 4: "U32", 8: "U64" };

export const dataTypeAt = (bytes: Hdf5Bytes, at: number): DataType => {
  const kind = bytes.u8(at) & 15;
  const flags = bytes.u8(at + 1);
  const size = bytes.u32(at + 4);
  const isLittleEndian = (flags & 1) === 0;
  const tables = { [INTEGER as number]: flags & 8 ? SIGNED : UNSIGNED, [FLOAT as number]: FLOATS };
  const dtype = isLittleEndian ? tables[kind]?.[size] : undefined;
  if (dtype) return { kind: "number", dtype, size };
  if (kind === TEXT && size > 0) return { kind: "text", size };
  // The lowest bits of a type of variable length distinguish texts from lists.
  if (kind === VARIABLE && (flags & 15) === 1 && size === 16) return { kind: "heap text", size };
  return { kind: "other", size };
};

/** The dimensions of an attribute or data set; empty for a single value. */
export const dimensionsAt = (bytes: Hdf5Bytes, at: number): number[] => {
  const version = bytes.u8(at);
  const rank = bytes.u8(at + 1);
  if (version !== 1 && version !== 2)
    throw new Hdf5Problem(`it has a data space of version ${version}`);
  if (rank > MAX_RANK) throw new Hdf5Problem(`it has values with ${rank} axes`);
  const start = at + (version === 1 ? 8 : 4);
  return Array.from({ length: rank }, (_, axis) => addressAt(bytes, start + 8 * axis));
};

/** A text in a global heap, a block of values that attributes refer to. */
const heapText = (bytes: Hdf5Bytes, at: number): string => {
  const length = bytes.u32(at);
  if (length === 0) return "";
  const heap = addressAt(bytes, at + 4);
  const wanted = bytes.u32(at + 12);
  bytes.expect(heap, "GCOL");
  const end = heap + addressAt(bytes, heap + 8);
  let place = heap + 16;
  while (place + 16 <= end) {
    bytes.count();
    const index = bytes.u16(place);
    const size = addressAt(bytes, place + 8);
    if (index === wanted) {
      if (length > size) throw new Hdf5Problem(`a text of ${length} bytes has ${size}`);
      return bytes.text(place + 16, length);
    }
    if (index === 0) break;
    place += 16 + 8 * Math.ceil(size / 8);
  }
  throw new Hdf5Problem(`it has no text ${wanted} in the heap at byte ${heap}`);
};

/** The texts of an attribute; undefined if it contains something else. */
export const textsAt = (
  bytes: Hdf5Bytes,
  at: number,
  { type, dims }: { readonly type: DataType; readonly dims: readonly number[] },
): string[] | undefined => {
  if (type.kind !== "text" && type.kind !== "heap text") return undefined;
  const count = dims.reduce((product, side) => product * side, 1);
  if (!(count <= MAX_TEXTS)) throw new Hdf5Problem(`an attribute has ${count} texts`);
  bytes.part(at, count * type.size);
  return Array.from({ length: count }, (_, index) => {
    const place = at + index * type.size;
    return type.kind === "text" ? bytes.text(place, type.size) : heapText(bytes, place);
  });
};
