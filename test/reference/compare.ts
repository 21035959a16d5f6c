import type { StoredTensor } from "../../src/formats/safetensors/stored-tensor.js";
import { float32Values } from "../../src/formats/safetensors/tensor-values.js";
import { type Tensor, tf } from "../../src/tensor/tf.js";

/** Collects what does not agree in one case. */
export interface Findings {
  readonly problems: string[];
  /** Largest difference relative to the largest expected value. NaN and infinity never agree. */
  readonly close: (
    what: string,
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    tolerance: number,
  ) => void;
  readonly claim: (what: string, holds: boolean) => void;
}

export const createFindings = (): Findings => {
  const problems: string[] = [];
  return {
    problems,
    claim: (what, holds) => {
      if (!holds) problems.push(what);
    },
    close: (what, actual, expected, tolerance) => {
      const difference = relativeDifference(actual, expected);
      if (!(difference <= tolerance)) {
        problems.push(`${what}: differs by ${difference} (allowed ${tolerance})`);
      }
    },
  };
};

export const relativeDifference = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
): number => {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let largest = 0;
  for (let at = 0; at < expected.length; at++) {
    const gap = Math.abs((actual[at] as number) - (expected[at] as number));
    if (Number.isNaN(gap)) return Number.NaN;
    difference = Math.max(difference, gap);
    largest = Math.max(largest, Math.abs(expected[at] as number));
  }
  return largest === 0 ? difference : difference / largest;
};

export type Tensors = ReadonlyMap<string, StoredTensor>;

export const stored = (tensors: Tensors, name: string): StoredTensor => {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`the fixture has no tensor ${name}`);
  return tensor;
};

export const valuesOf = (tensors: Tensors, name: string): Float32Array =>
  float32Values(stored(tensors, name), name);

/** A stored tensor of any shape on the engine. */
export const toTensor = (tensors: Tensors, name: string): Tensor =>
  tf.tensor(valuesOf(tensors, name), [...stored(tensors, name).shape]);

/** An NCHW image tensor as NHWC. */
export const toNhwc = (tensors: Tensors, name: string): tf.Tensor4D =>
  tf.tidy(() => tf.transpose(toTensor(tensors, name) as tf.Tensor4D, [0, 2, 3, 1]));

/** The tensors below a prefix, by the rest of their names. */
export const below = (tensors: Tensors, prefix: string): Map<string, StoredTensor> =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
