import { slide } from "../../base/sliding-window.js";
import { registerKernel } from "../../tensor/op.js";
import {
  type AveragePoolGeometry,
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
  type PoolGeometry,
} from "../../tensor/ops/pool.js";
import { FLOAT32 } from "../../tensor/storage.js";
import type { Tensor, Tensor4D } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { storageAttribute } from "./storage-attributes.js";
import { windowAttributes } from "./window-attributes.js";

/** Registers the native kernels of pooling. */
export const registerPoolKernels = (backend: NativeBackend): void => {
  const { int, ints } = attributeMaker(backend);
  /** The attributes of a pool of maps with the shape of x. */
  const poolAttributes = ([, h, w]: Tensor4D["shape"], geometry: PoolGeometry): OpAttribute[] => [
    ints("kernel", geometry.kernel),
    ints("out", slide(h, w, geometry)),
    ...windowAttributes(backend, geometry),
  ];
  const averageAttributes = (
    shape: Tensor4D["shape"],
    geometry: AveragePoolGeometry,
  ): OpAttribute[] => [
    ...poolAttributes(shape, geometry),
    int("counts_padding", geometry.countsPadding ? 1 : 0),
  ];
  const sides = ([, h, w]: Tensor4D["shape"]): OpAttribute => ints("sides", [h, w]);
  const train = (x: Tensor4D, geometry: PoolGeometry, stored = FLOAT32) => {
    const [y, argmax] = backend.executeMultipleOutputs(
      "QpruneMaxPool",
      [...poolAttributes(x.shape, geometry), storageAttribute(backend, "Ty", stored)],
      [x],
      2,
    ) as [Tensor4D, Tensor];
    return { y, argmax };
  };

  registerKernel(maxPoolTrain, train);
  registerKernel(maxPool, (x, geometry, stored) => {
    const { y, argmax } = train(x, geometry, stored);
    argmax.dispose();
    return y;
  });
  registerKernel(
    maxPoolGradient,
    (dy, argmax, inputShape, geometry, dx = FLOAT32) =>
      backend.executeSingleOutput(
        "QpruneMaxPoolGrad",
        [
          ...poolAttributes(inputShape, geometry),
          sides(inputShape),
          storageAttribute(backend, "Tdx", dx),
        ],
        [dy, argmax],
      ) as Tensor4D,
  );
  registerKernel(
    averagePool,
    (x, geometry, y = FLOAT32) =>
      backend.executeSingleOutput(
        "QpruneAveragePool",
        [...averageAttributes(x.shape, geometry), storageAttribute(backend, "Ty", y)],
        [x],
      ) as Tensor4D,
  );
  registerKernel(
    averagePoolGradient,
    (dy, inputShape, geometry, dx = FLOAT32) =>
      backend.executeSingleOutput(
        "QpruneAveragePoolGrad",
        [
          ...averageAttributes(inputShape, geometry),
          sides(inputShape),
          storageAttribute(backend, "Tdx", dx),
        ],
        [dy],
      ) as Tensor4D,
  );
};
