import type { Tensor } from "../tensor/tf.js";
import type { NativeBackend } from "./native-backend.js";

/** TensorFlow's numbers of data types that TensorFlow.js does not know (tensorflow/core/framework/types.proto). */
export const STORED_TYPES = { bf16: 14, signedCodes: 6 } as const;

/** What the binding returns of an op's output. */
interface OutputMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

interface OutputMaker {
  createOutputTensor: (metadata: OutputMetadata) => Tensor;
}

const KNOWN: ReadonlySet<number> = new Set(Object.values(STORED_TYPES));

/**
 * Lets a backend carry tensors of types that TensorFlow.js does not know: to it they are float32, and only the package's own ops
 * read them. TensorFlow, which knows the types, refuses them in every other op.
 */
export const carryStoredTensors = (backend: NativeBackend): void => {
  const maker = backend as unknown as OutputMaker;
  const create = maker.createOutputTensor;
  maker.createOutputTensor = function (this: OutputMaker, metadata) {
    const isOpaque = KNOWN.has(metadata.dtype);
    return create.call(
      this,
      isOpaque ? { ...metadata, dtype: backend.binding.TF_FLOAT } : metadata,
    );
  };
};
