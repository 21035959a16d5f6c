import { fromBfloat16, fromFloat16 } from "./half-floats.js";
import type { StoredTensor } from "./stored-tensor.js";

/**
 * The elements of a tensor as numbers, in row-major order; integers past 2^53 are rounded. Undefined for
 * dtypes that are no plain numbers (BOOL, complex, 8-bit floats).
 */
export const numbersOf = ({ dtype, data }: StoredTensor): ArrayLike<number> | undefined => {
  // A copy begins where every element type is aligned.
  const { buffer } = new Uint8Array(data);
  switch (dtype) {
    case "F16":
      return fromFloat16(new Uint16Array(buffer));
    case "BF16":
      return fromBfloat16(new Uint16Array(buffer));
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return new Float64Array(buffer);
    case "U8":
      return new Uint8Array(buffer);
    case "I8":
      return new Int8Array(buffer);
    case "U16":
      return new Uint16Array(buffer);
    case "I16":
      return new Int16Array(buffer);
    case "U32":
      return new Uint32Array(buffer);
    case "I32":
      return new Int32Array(buffer);
    case "U64":
      return Float64Array.from(new BigUint64Array(buffer), Number);
    case "I64":
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case "BOOL":
    case "C64":
    case "F8_E4M3":
    case "F8_E5M2":
      return undefined;
  }
};
