import { type Packing, packedNames } from "../../checkpoint/packed/packing.js";
import type { StateDict } from "../../checkpoint/tensors/net-state.js";
import type { LayoutRow } from "./format.js";

/** The tensors of a safetensors file, packed or dense. */
interface FileTensors {
  readonly tensors: StateDict;
  readonly packing: Packing | undefined;
}

const VALUES = {
  binary: "-1 1",
  ternary: "-1 0 1",
  dorefa: "DoReFa",
  int8: "int8",
  affine: "affine codes",
} as const;

const bitText = (bits: number): string => (bits === 1 ? "1 bit each" : `${bits} bits each`);

/** Kernels [out, in / groups, kh, kw], and matrices [out, in] of dense layers. */
const isKernel = (shape: readonly number[]): boolean => shape.length === 4 || shape.length === 2;

/**
 * What the bytes of a file are used for: kernels by their storage, scales, everything else, and the header with the
 * manifest. The rows add up to the size of the file.
 */
export const layoutOf = ({ tensors, packing }: FileTensors, fileBytes: number): LayoutRow[] => {
  const kernels = Object.entries(packing?.kernels ?? {});
  const codes = new Map(kernels.map(([name, info]) => [packedNames(name).codes, info]));
  const scales = new Set(kernels.map(([name]) => packedNames(name).scale));
  const zeros = new Set(kernels.map(([name]) => packedNames(name).zero));
  const rows = new Map<string, LayoutRow>();
  const add = (part: string, storage: string, bytes: number): void => {
    const key = `${part}, ${storage}`;
    const row = rows.get(key) ?? { part, storage, tensors: 0, bytes: 0 };
    rows.set(key, { ...row, tensors: row.tensors + 1, bytes: row.bytes + bytes });
  };
  for (const [name, { data, dtype, shape }] of tensors) {
    const info = codes.get(name);
    if (info) add(`kernels of ${VALUES[info.grid]}`, bitText(info.bits), data.length);
    else if (scales.has(name)) add("scales of filters", "float32", data.length);
    else if (zeros.has(name)) add("zero points of filters", "bytes", data.length);
    else if (isKernel(shape)) add("float kernels", "float32", data.length);
    else add("biases and norms", dtype === "I64" ? "int64" : "float32", data.length);
  }
  const used = [...rows.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const header = { part: "header", storage: "JSON", tensors: 0, bytes: fileBytes - used };
  return [...rows.values(), header];
};
