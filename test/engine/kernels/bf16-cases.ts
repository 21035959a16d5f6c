import { describe, expect, test } from "vitest";
import { slide } from "../../../src/base/sliding-window.js";
import {
  bf16Conv2d,
  bf16Conv2dInputGradient,
  bf16Conv2dKernelGradient,
} from "../../../src/tensor/ops/bf16-conv.js";
import type { ConvGeometry } from "../../../src/tensor/ops/conv2d.js";
import type { Shape4D } from "../../../src/tensor/ops/grouped-conv.js";
import { tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";
import { type SquareConv, squareConv } from "../../square-windows.js";

interface ConvCase extends SquareConv {
  readonly images?: number;
  readonly side?: readonly [number, number];
  readonly kernel: number | readonly [number, number];
  readonly cIn: number;
  readonly cOut: number;
  /** What differs from a square window. */
  readonly other?: Partial<ConvGeometry>;
}

const CASES: readonly ConvCase[] = [
  { kernel: 1, pad: 0, groups: 1, stride: 1, cIn: 24, cOut: 40 },
  { kernel: 1, pad: 0, groups: 1, stride: 1, cIn: 5, cOut: 3, images: 3, side: [3, 3] },
  { kernel: 1, pad: 0, groups: 1, stride: 2, cIn: 16, cOut: 70 },
  { kernel: 3, pad: 1, groups: 1, stride: 1, cIn: 16, cOut: 16, images: 5 },
  { kernel: 3, pad: 1, groups: 1, stride: 2, cIn: 16, cOut: 32 },
  { kernel: 5, pad: 2, groups: 1, stride: 1, cIn: 3, cOut: 50 },
  { kernel: 3, pad: 1, groups: 4, stride: 1, cIn: 64, cOut: 128 },
  { kernel: 3, pad: 1, groups: 3, stride: 2, cIn: 15, cOut: 21 },
  { kernel: 3, pad: 2, groups: 2, stride: 1, cIn: 12, cOut: 40, other: { dilation: [2, 3] } },
  { kernel: 4, pad: 1, groups: 1, stride: 2, cIn: 6, cOut: 9, other: { dilation: [4, 2] } },
  { kernel: 3, pad: 0, groups: 1, stride: 1, cIn: 10, cOut: 20, other: { stride: [3, 1] } },
  { kernel: 2, pad: 0, groups: 1, stride: 2, cIn: 9, cOut: 18, other: { padding: [0, 1, 2, 0] } },
  { kernel: [1, 3], pad: 0, groups: 2, stride: 1, cIn: 4, cOut: 6, other: { stride: [1, 2] } },
  { kernel: 2, pad: 0, groups: 1, stride: 3, cIn: 7, cOut: 5 },
  { kernel: 3, pad: 1, groups: 1, stride: 1, cIn: 20, cOut: 20, images: 70, side: [4, 4] },
];

/** Whole numbers from -4 to 4: bfloat16 represents them, and all sums of their products are exact in float32. */
const wholeTensor = (shape: readonly number[], seed: number): tf.Tensor4D =>
  tf.clipByValue(tf.round(randomTensor(shape, seed, 2)), -4, 4) as tf.Tensor4D;

/** The nearest bfloat16, of two equally near ones the even one. */
const nearestBf16 = (value: number): number => {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  view.setUint32(0, ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) << 16);
  return view.getFloat32(0);
};

interface Operands {
  readonly x: tf.Tensor4D;
  readonly kernel: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
  readonly geometry: ConvGeometry;
}

const operandsOf = (
  { images = 2, side = [11, 9], kernel, cIn, cOut, other, ...square }: ConvCase,
  make: (shape: readonly number[], seed: number) => tf.Tensor,
): Operands => {
  const geometry = { ...squareConv(square), ...other };
  const taps: readonly [number, number] = typeof kernel === "number" ? [kernel, kernel] : kernel;
  const [rows, columns] = slide(side[0], side[1], { ...geometry, kernel: taps });
  return {
    x: make([images, ...side, cIn], 1) as tf.Tensor4D,
    kernel: make([...taps, cIn / geometry.groups, cOut], 2) as tf.Tensor4D,
    dy: make([images, rows, columns, cOut], 3) as tf.Tensor4D,
    geometry,
  };
};

/** Sums of products in float64, and the sums of their magnitudes. */
interface Sums {
  readonly y: Float64Array;
  readonly dx: Float64Array;
  readonly dKernel: Float64Array;
}

/** A convolution and its gradients by their definition, of operands rounded to bfloat16. */
const byDefinition = (
  { x, kernel, dy, geometry }: Operands,
  of: (value: number) => number,
): Sums => {
  const [xs, ws, dys] = [x, kernel, dy].map((t) =>
    Float64Array.from(t.dataSync(), (v) => of(nearestBf16(v))),
  ) as [Float64Array, Float64Array, Float64Array];
  const sums = {
    y: new Float64Array(dy.size),
    dx: new Float64Array(x.size),
    dKernel: new Float64Array(kernel.size),
  };
  const [, h, w, cIn] = x.shape;
  const [kh, kw, perGroup, cOut] = kernel.shape;
  const [n, rows, columns] = dy.shape;
  const { stride, padding, dilation, groups } = geometry;
  const outputsPerGroup = cOut / groups;
  const addProducts = (yAt: number, xAt: number, wAt: number): void => {
    const gradient = dys[yAt] as number;
    for (let c = 0; c < perGroup; c++) {
      const [input, weight] = [xs[xAt + c] as number, ws[wAt + c * cOut] as number];
      (sums.y[yAt] as number) += input * weight;
      (sums.dx[xAt + c] as number) += gradient * weight;
      (sums.dKernel[wAt + c * cOut] as number) += gradient * input;
    }
  };
  for (let at = 0; at < n * rows * columns * kh * kw; at++) {
    const [position, tap] = [Math.floor(at / (kh * kw)), at % (kh * kw)];
    const [image, row, column] = [
      Math.floor(position / (rows * columns)),
      Math.floor(position / columns) % rows,
      position % columns,
    ];
    const [ky, kx] = [Math.floor(tap / kw), tap % kw];
    const r = row * stride[0] + ky * dilation[0] - padding[0];
    const c = column * stride[1] + kx * dilation[1] - padding[1];
    if (r < 0 || r >= h || c < 0 || c >= w) continue;
    for (let o = 0; o < cOut; o++) {
      const group = Math.floor(o / outputsPerGroup);
      const xAt = ((image * h + r) * w + c) * cIn + group * perGroup;
      addProducts(position * cOut + o, xAt, tap * perGroup * cOut + o);
    }
  }
  return sums;
};

const computed = ({ x, kernel, dy, geometry }: Operands) => ({
  y: bf16Conv2d(x, kernel, geometry),
  dx: bf16Conv2dInputGradient(dy, kernel, x.shape, geometry),
  dKernel: bf16Conv2dKernelGradient(x, dy, kernel.shape, geometry),
});

const PARTS = ["y", "dx", "dKernel"] as const;

/** The largest number of float32 additions of one sum here is below 2000, each with half an ulp of the magnitudes' sum. */
const SUM_BOUND = 2000 * 2 ** -24;

/** Compares the loaded engine's convolutions of bfloat16 operands with their definition in float64. */
export const describeBf16Convs = (): void => {
  describe.each(CASES)("bfloat16 convolution %j", (each) => {
    test("of whole numbers it and its gradients are exact", () => {
      const operands = operandsOf(each, wholeTensor);
      const expected = byDefinition(operands, (value) => value);
      const actual = computed(operands);
      for (const part of PARTS) {
        expect(Float64Array.from(actual[part].dataSync(), (v) => v + 0)).toEqual(expected[part]);
      }
      expect(actual.y.shape).toEqual(operands.dy.shape);
      expect(actual.dx.shape).toEqual(operands.x.shape);
      expect(actual.dKernel.shape).toEqual(operands.kernel.shape);
    });

    test("operands are rounded to the nearest bfloat16, sums are float32", () => {
      const operands = operandsOf(each, randomTensor);
      const expected = byDefinition(operands, (value) => value);
      const magnitudes = byDefinition(operands, Math.abs);
      const actual = computed(operands);
      for (const part of PARTS) {
        const values = actual[part].dataSync();
        const worst = expected[part].reduce((most, value, at) => {
          const bound = SUM_BOUND * (magnitudes[part][at] as number);
          return Math.max(most, Math.abs((values[at] as number) - value) / (bound || 1));
        }, 0);
        expect(worst).toBeLessThan(1);
      }
    });

    test("two runs give the same bits", () => {
      const operands = operandsOf(each, randomTensor);
      const [first, second] = [computed(operands), computed(operands)];
      for (const part of PARTS) expect(first[part].dataSync()).toEqual(second[part].dataSync());
    });
  });

  test("an empty batch gives an empty convolution and zeros as gradient of the kernel", () => {
    const geometry = squareConv({ stride: 1, pad: 1, groups: 1 });
    const x = tf.zeros([0, 4, 4, 8]) as tf.Tensor4D;
    const dy = tf.zeros([0, 4, 4, 16]) as tf.Tensor4D;
    const kernel = randomTensor([3, 3, 8, 16], 1) as tf.Tensor4D;
    expect(bf16Conv2d(x, kernel, geometry).shape).toEqual([0, 4, 4, 16]);
    expect(bf16Conv2dInputGradient(dy, kernel, x.shape, geometry).shape).toEqual([0, 4, 4, 8]);
    const gradient: Shape4D = kernel.shape;
    expect(bf16Conv2dKernelGradient(x, dy, gradient, geometry).dataSync()).toEqual(
      new Float32Array(kernel.size),
    );
  });
};
