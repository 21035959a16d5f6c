import { type Tensor, tf } from "./tf.js";

/** The codes of a quantizer, a byte each: k stands for k / levels, with k from 0 to 255, signed ones from -128 to 127. */
export interface Codes {
  readonly kind: "codes";
  readonly levels: number;
  readonly isSigned: boolean;
}

/**
 * How an engine stores the values of a tensor: as floats, in bfloat16 (half of the memory), or as codes (a quarter). Only ops
 * that take a storage can read tensors that are not stored as floats; in all others, and in reads of their values, they cause an
 * error. Reference implementations store everything as floats, and round what is stored in bfloat16.
 */
export type Storage = { readonly kind: "float32" } | { readonly kind: "bf16" } | Codes;

export const FLOAT32: Storage = { kind: "float32" };
export const BF16: Storage = { kind: "bf16" };

/** How the input and the output of a function of maps are stored. */
export interface MapStorage {
  readonly x: Storage;
  readonly y: Storage;
}

export const AS_FLOATS = { x: FLOAT32, y: FLOAT32, inferred: FLOAT32 } as const;

/** How the gradient of values with a storage is stored. */
export const gradientStorage = (storage: Storage): Storage =>
  storage.kind === "codes" ? BF16 : storage;

/** 2^16 + 1: the product with it moves the lower 16 of a float's 24 significant bits beyond the point of rounding. */
const SPLITTER = 65537;

/**
 * Rounds to the nearest bfloat16, which has 8 significant bits (Veltkamp's splitting; Dekker 1971). It is exact up to
 * 5e33, beyond which it gives NaN. Of two equally near numbers it may choose the odd one, where engines choose the even one.
 */
export const roundToBf16 = <T extends Tensor>(x: T): T =>
  tf.tidy(() => {
    const product = tf.mul(x, SPLITTER);
    return tf.sub(product, tf.sub(product, x));
  });

/** A result as a reference implementation stores it; without rounding, it is the result itself. */
export const asStored = <T extends Tensor>(y: T, { kind }: Storage): T =>
  kind === "bf16" ? roundToBf16(y) : y;
