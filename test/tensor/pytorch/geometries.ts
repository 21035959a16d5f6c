import { afterAll, beforeAll, describe, test } from "vitest";
import { z } from "zod";
import { usePlainOps } from "../../../src/tensor/op.js";
import {
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "../../../src/tensor/ops/conv2d.js";
import {
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
} from "../../../src/tensor/ops/pool.js";
import { type Tensor4D, tf } from "../../../src/tensor/tf.js";
import {
  caseValues,
  excerptSchema,
  expectExcerpt,
  pairSchema,
  readCases,
  shapeSchema,
} from "./excerpt.js";

const convs = readCases(
  "convolutions",
  z.object({
    name: z.string(),
    x: shapeSchema,
    kernel: shapeSchema,
    stride: pairSchema,
    padding: shapeSchema,
    dilation: pairSchema,
    groups: z.number(),
    y: excerptSchema,
    dx: excerptSchema,
    dKernel: excerptSchema,
  }),
);

const gradientsSchema = z.object({ y: excerptSchema, dx: excerptSchema });

const pools = readCases(
  "pools",
  z.object({
    name: z.string(),
    x: shapeSchema,
    kernel: pairSchema,
    stride: pairSchema,
    padding: shapeSchema,
    roundsUp: z.boolean(),
    countsPadding: z.boolean(),
    max: gradientsSchema,
    average: gradientsSchema,
  }),
);

/** Checks the loaded engine's kernels, or the reference implementations on its backend, against PyTorch's values. */
const describeGeometries = (what: string, isPlain: boolean): void => {
  describe(what, () => {
    beforeAll(() => usePlainOps(isPlain));
    afterAll(() => usePlainOps(false));

    test.each(convs)("the convolution $name and its gradients equal PyTorch's", (conv) => {
      const [x, kernel] = [caseValues(conv.x, 1), caseValues(conv.kernel, 2)];
      const y = conv2d(x, kernel, conv);
      expectExcerpt(y, conv.y);
      const dy = caseValues(y.shape, 3);
      expectExcerpt(conv2dInputGradient(dy, kernel, x.shape, conv), conv.dx);
      expectExcerpt(conv2dKernelGradient(x, dy, kernel.shape, conv), conv.dKernel);
    });

    test.each(pools)("the pools $name and their gradients equal PyTorch's", (pool) => {
      const x = tf.round(tf.mul(caseValues(pool.x, 1), 2)) as Tensor4D;
      const { y, argmax } = maxPoolTrain(x, pool);
      expectExcerpt(y, pool.max.y);
      expectExcerpt(maxPool(x, pool), pool.max.y);
      const dy = caseValues(y.shape, 3);
      expectExcerpt(maxPoolGradient(dy, argmax, x.shape, pool), pool.max.dx);
      expectExcerpt(averagePool(x, pool), pool.average.y);
      expectExcerpt(averagePoolGradient(dy, x.shape, pool), pool.average.dx);
    });
  });
};

/** Compares everything that computes on the loaded engine with PyTorch. */
export const describeAllGeometries = (): void => {
  describeGeometries("registered kernels", false);
  describeGeometries("reference implementations", true);
};
