import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { z } from "zod";
import { type Tensor4D, tf } from "../../../src/tensor/tf.js";

/** The shape of a tensor, its sum, and its values at distances of `step`. */
export const excerptSchema = z.object({
  shape: z.array(z.number()),
  sum: z.number(),
  step: z.number(),
  values: z.array(z.number()),
});
type Excerpt = z.output<typeof excerptSchema>;

export const shapeSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export const pairSchema = z.tuple([z.number(), z.number()]);

/** Reads cases that bench/torch/geometries.py wrote with PyTorch 2.13. */
export const readCases = <T>(name: string, schema: z.ZodType<T>): T[] => {
  const path = new URL(`./${name}.json`, import.meta.url);
  return z.array(schema).parse(JSON.parse(readFileSync(path, "utf8")));
};

/** Multiples of 1 / 64 from -2 to 2, the same as in geometries.py. */
export const caseValues = (shape: Tensor4D["shape"], seed: number): Tensor4D => {
  const count = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from(
    { length: count },
    (_, at) => (((at * 7919 + seed * 104_729) % 257) - 128) / 64,
  );
  return tf.tensor4d(values, shape);
};

/** Relative to the largest value. Sums of up to some hundred float32 terms in another order, and seven recorded digits. */
const TOLERANCE = 1e-5;

export const expectExcerpt = (actual: tf.Tensor, { shape, sum, step, values }: Excerpt): void => {
  expect(actual.shape).toEqual(shape);
  const all = actual.dataSync<"float32">() as Float32Array;
  const largest = Math.max(...values.map(Math.abs), 1);
  for (const [at, value] of values.entries()) {
    expect(Math.abs((all[at * step] as number) - value)).toBeLessThan(TOLERANCE * largest);
  }
  const difference = Math.abs(all.reduce((total, value) => total + value, 0) - sum);
  expect(difference).toBeLessThan(TOLERANCE * largest * Math.sqrt(all.length));
};
