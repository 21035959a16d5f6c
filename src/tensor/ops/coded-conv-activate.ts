import { defineOp } from "../op.js";
import { FLOAT32, type MapStorage } from "../storage.js";
import { type Tensor4D, tf } from "../tf.js";
import { type ConvGeometry, codedConv2d } from "./conv2d.js";
import { type Affine, affineActivate, type NormTail } from "./norm-activate.js";

/**
 * {@link affineActivate} of a {@link codedConv2d}, as the layers of a net follow each other in inference. In one pass, its sums need
 * not be stored.
 */
export const codedConv2dActivate = defineOp(
  "codedConv2dActivate",
  (
    x: Tensor4D,
    kernel: Tensor4D,
    inputLevels: number,
    geometry: ConvGeometry,
    affine: Affine,
    tail: NormTail,
    storage: MapStorage,
  ): Tensor4D =>
    tf.tidy(() => {
      const sums = codedConv2d(x, kernel, inputLevels, geometry, { x: storage.x, y: FLOAT32 });
      return affineActivate(sums, affine, tail, null, storage.y);
    }),
);
