import { createRequire } from "node:module";
import { join } from "node:path";
import { usageError } from "../base/errors.js";
import { type Tensor, tf } from "../tensor/tf.js";
import { tfjsNodeFolder } from "./load-native.js";

const require = createRequire(import.meta.url);

/** Writes event files for TensorBoard. Steps are increasing whole numbers. */
export interface TensorBoardWriter {
  readonly scalar: (name: string, value: number, step: number) => void;
  /** Writes a histogram of values with `buckets` buckets of equal width, from the smallest to the largest value. */
  readonly histogram: (
    name: string,
    values: { readonly data: Float32Array; readonly buckets: number },
    step: number,
  ) => void;
  /** Writes everything to disk. */
  readonly flush: () => void;
}

/** The used part of tfjs-node's module. */
interface TensorBoardModule {
  readonly summaryFileWriter: (folder: string) => {
    scalar(name: string, value: number, step: number): void;
    histogram(name: string, data: Tensor, step: number, buckets: number): void;
    flush(): void;
  };
}

/**
 * Opens tfjs-node's writer of event files in a folder, which it creates.
 * @throws QpruneError (usage) unless the native engine is loaded: TensorFlow writes the files.
 */
export const openTensorBoardWriter = (folder: string): TensorBoardWriter => {
  const tfjsNode = tfjsNodeFolder();
  if (tfjsNode === undefined) {
    throw usageError(
      "The native engine, which writes TensorBoard's files, is not loaded.",
      "Load the native engine, or write no log for TensorBoard.",
      { code: "log-needs-native-engine" },
    );
  }
  const module = require(join(tfjsNode, "dist", "tensorboard.js")) as TensorBoardModule;
  const writer = module.summaryFileWriter(folder);
  return {
    scalar: (name, value, step) => tf.tidy(() => writer.scalar(name, value, step)),
    histogram: (name, { data, buckets }, step) =>
      tf.tidy(() => writer.histogram(name, tf.tensor1d(data), step, buckets)),
    flush: () => writer.flush(),
  };
};
