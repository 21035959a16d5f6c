import { expect } from "vitest";
import type { tf } from "../../src/tensor/tf.js";
import { relativeDifference } from "../reference/compare.js";

/** Sums of some thousand float32 terms in another order: a few times 2^-24 times the root of their number. */
export const SUM_TOLERANCE = 3e-6;

export const expectClose = (actual: tf.Tensor, expected: tf.Tensor, tolerance: number): void => {
  expect(actual.shape).toEqual(expected.shape);
  expect(relativeDifference(actual.dataSync(), expected.dataSync())).toBeLessThanOrEqual(tolerance);
};
