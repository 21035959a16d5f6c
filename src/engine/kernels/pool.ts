import { registerKernel } from "../../tensor/op.js";
import {
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
  type PoolGeometry,
} from "../../tensor/ops/pool.js";
import type { Tensor, Tensor4D } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";

/** Registers the native kernels of pooling. */
export const registerPoolKernels = (backend: NativeBackend): void => {
  const { int } = attributeMaker(backend);
  const windowAttributes = ({ size, stride, pad }: PoolGeometry): OpAttribute[] => [
    int("size", size),
    int("stride", stride),
    int("pad", pad),
  ];
  const sideAttributes = (shape: readonly number[]): OpAttribute[] => [
    int("height", shape[1] as number),
    int("width", shape[2] as number),
  ];
  const train = (x: Tensor4D, geometry: PoolGeometry) => {
    const [y, argmax] = backend.executeMultipleOutputs(
      "QpruneMaxPool",
      windowAttributes(geometry),
      [x],
      2,
    ) as [Tensor4D, Tensor];
    return { y, argmax };
  };

  registerKernel(maxPoolTrain, train);
  registerKernel(maxPool, (x, geometry) => {
    const { y, argmax } = train(x, geometry);
    argmax.dispose();
    return y;
  });
  registerKernel(
    maxPoolGradient,
    (dy, argmax, inputShape, geometry) =>
      backend.executeSingleOutput(
        "QpruneMaxPoolGrad",
        [...windowAttributes(geometry), ...sideAttributes(inputShape)],
        [dy, argmax],
      ) as Tensor4D,
  );
  registerKernel(
    averagePool,
    (x, geometry) =>
      backend.executeSingleOutput("QpruneAveragePool", windowAttributes(geometry), [x]) as Tensor4D,
  );
  registerKernel(
    averagePoolGradient,
    (dy, inputShape, geometry) =>
      backend.executeSingleOutput(
        "QpruneAveragePoolGrad",
        [...windowAttributes(geometry), ...sideAttributes(inputShape)],
        [dy],
      ) as Tensor4D,
  );
};
