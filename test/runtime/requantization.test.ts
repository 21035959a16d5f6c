import { setFlagsFromString } from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import { wasmKernels } from "../../dist/runtime/wasm/modules.js";
import { slide } from "../../src/base/sliding-window.js";
import { type FixedPoint, fixedPoint } from "../../src/integer/fixed-point.js";
import { kernelEngine } from "../../src/runtime/kernels/kernel-engine.js";
import type { ByteProducts, KernelTarget } from "../../src/runtime/kernels/kernel-target.js";
import { placeValues } from "../../src/runtime/plan/arena.js";
import { FLOATS, type Plan, type PlanStep, type PlanStepOf } from "../../src/runtime/plan/plan.js";
import { firstDifferent } from "./first-different.js";

interface Geometry {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly side: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

interface Numbers {
  /** The multiplier of a filter. */
  readonly multiplierOf: (filter: number) => FixedPoint;
  readonly mostWeight: number;
  readonly mostBias: number;
  readonly top: number;
  readonly zero: number;
  readonly limits: readonly [zero: number, low: number, high: number];
}

/** Whole numbers from -most to most, the same in every run. */
const drawn = (seed: number) => {
  let state = seed + 1;
  return (most: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.round((2 * (state / 2 ** 32) - 1) * most);
  };
};

const convOf = (geometry: Geometry, numbers: Numbers, draw: (most: number) => number) => {
  const { height, width, channels, filters, groups, side, stride, padding, dilation } = geometry;
  const window = {
    kernel: [side, side],
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
    dilation: [dilation, dilation],
  } as const;
  const [outHeight, outWidth] = slide(height, width, window);
  const { top, zero, mostWeight, mostBias, limits, multiplierOf } = numbers;
  const size = (side * side * channels) / groups;
  const step: PlanStepOf<"conv"> = {
    kind: "conv",
    name: "layer",
    input: 1,
    output: 2,
    shape: { height, width, channels, filters, groups, outHeight, outWidth, ...window },
    weights: {
      kind: "integers",
      numbers: Int8Array.from({ length: filters * size }, () => draw(mostWeight)),
      areHalved: false,
      areSigns: false,
      factor: new Float32Array(filters),
      input: { kind: "codes", levels: 1, zero, top, scale: 1 },
    },
    tail: { bias: null, affine: null, activation: { kind: "identity" }, shuffleGroups: 1 },
    requantization: {
      bias: Int32Array.from({ length: filters }, () => draw(mostBias)),
      multipliers: Array.from({ length: filters }, (_, filter) => multiplierOf(filter)),
      zero: limits[0],
      low: limits[1],
      high: limits[2],
    },
  };
  return step;
};

const planOf = (conv: PlanStepOf<"conv">): Plan => {
  const { height, width, channels, outHeight, outWidth, filters } = conv.shape;
  const codes = { kind: "codes", levels: 1, zero: 0, top: 255, scale: 1 } as const;
  const [from, to] = [[height, width, channels] as const, [outHeight, outWidth, filters] as const];
  const { input } = conv.weights as Extract<typeof conv.weights, { kind: "integers" }>;
  const steps: PlanStep[] = [
    { kind: "quantize", input: 0, output: 1 },
    conv,
    { kind: "values", input: 2, output: 3 },
  ];
  const values = [
    { name: "images", shape: from, format: FLOATS },
    { name: "codes", shape: from, format: input },
    { name: "layer", shape: to, format: codes },
    { name: "floats", shape: to, format: FLOATS },
  ];
  return { ...placeValues(values, steps, 3), steps, input: 0, output: 3 };
};

const POINTWISE = { side: 1, stride: 1, padding: 0, dilation: 1, groups: 1 };
const DEPTHWISE = { side: 3, stride: 1, padding: 1, dilation: 1 };

const each = (channels: number, more: Partial<Geometry> = {}): Geometry => ({
  ...{ height: 7, width: 9, channels, filters: channels, groups: channels, ...DEPTHWISE },
  ...more,
});

const GEOMETRIES: readonly Geometry[] = [
  ...[5, 8, 16, 21, 24, 40].map((filters) => ({
    ...{ height: 5, width: 7, channels: 12, filters, ...POINTWISE },
  })),
  { height: 6, width: 6, channels: 3, filters: 32, groups: 1, ...DEPTHWISE, stride: 2 },
  each(8),
  each(5),
  each(16, { stride: 2 }),
  each(37, { side: 5, padding: 2 }),
  each(24, { dilation: 2, padding: 3 }),
  each(8, { side: 2, padding: 0, stride: 2 }),
  each(8, { side: 1, padding: 4 }),
  each(8, { side: 9, padding: 4, stride: 3 }),
  each(16, { height: 3, width: 400 }),
  each(16, { height: 3, width: 700, side: 6, padding: 5, stride: 2 }),
];

/** A power of two, with which half of the sums are between two codes. */
const half =
  (exponent: number) =>
  (filter: number): FixedPoint => ({ multiplier: 2 ** 30, shift: 1 - exponent - (filter % 3) });

const USUAL: Numbers = {
  multiplierOf: (filter) => fixedPoint(0.0021 * (1 + (filter % 7) / 3)),
  mostWeight: 127,
  mostBias: 30000,
  top: 255,
  zero: 0,
  limits: [0, 0, 255],
};

const NUMBERS: Readonly<Record<string, Numbers>> = {
  usual: USUAL,
  "a zero in the middle": { ...USUAL, zero: 131, limits: [128, 0, 255] },
  "limits within the byte": { ...USUAL, zero: 7, limits: [100, 60, 199] },
  "halves everywhere": { ...USUAL, multiplierOf: half(6), limits: [131, 0, 255] },
  "halves of small sums": {
    ...{ ...USUAL, mostWeight: 1, mostBias: 3, top: 7, zero: 3 },
    multiplierOf: half(1),
  },
  "multipliers above 1": { ...USUAL, mostWeight: 3, top: 3, multiplierOf: () => fixedPoint(2.6) },
  "multipliers of 0": { ...USUAL, multiplierOf: () => fixedPoint(0), limits: [9, 0, 255] },
  "sums beyond 24 bits": { ...USUAL, mostBias: 2 ** 25, multiplierOf: half(17) },
  "products beyond 14 bits": { ...USUAL, multiplierOf: () => fixedPoint(0.9) },
};

let target: KernelTarget;
beforeAll(async () => {
  // Engines of which relaxed SIMD is a part ignore it.
  setFlagsFromString("--experimental-wasm-relaxed-simd");
  target = (await wasmKernels()) as KernelTarget;
});

describe("sums become the codes of the reference in WebAssembly with", () => {
  const compare = async (byteProducts: ByteProducts): Promise<void> => {
    for (const [name, numbers] of Object.entries(NUMBERS))
      for (const [at, geometry] of GEOMETRIES.entries()) {
        const draw = drawn(100 * at);
        const { height, width, channels } = geometry;
        const plan = planOf(convOf(geometry, numbers, draw));
        const image = Float32Array.from(
          { length: height * width * channels },
          () => Math.abs(draw(numbers.top)) - numbers.zero,
        );
        const engine = await kernelEngine(plan, { ...target, byteProducts });
        expect(firstDifferent(plan, engine, image), `${name}, geometry ${at}`).toBeUndefined();
      }
  };

  test("products of 16 bits", () => compare("none"));

  test("products of bytes", async ({ skip }) => {
    if (target.byteProducts === "none") return skip("This engine has no products of bytes");
    await compare(target.byteProducts);
  });
});
