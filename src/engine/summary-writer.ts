import { createRequire } from "node:module";
import { join } from "node:path";
import { usageError } from "../base/errors.js";
import { type Tensor, tf } from "../tensor/tf.js";
import { tfjsNodeFolder } from "./load-native.js";

const require = createRequire(import.meta.url);

/** Writes what TensorBoard shows. Steps are whole numbers that grow. */
export interface SummaryWriter {
  readonly scalar: (name: string, value: number, step: number) => void;
  /** How often values occur, in so many buckets of equal width from the smallest to the largest. */
  readonly histogram: (
    name: string,
    values: { readonly data: Float32Array; readonly buckets: number },
    step: number,
  ) => void;
  /** Brings everything that was written so far to the disk. */
  readonly flush: () => void;
}

/** The part of tfjs-node's module that is used. */
interface TensorBoardModule {
  readonly summaryFileWriter: (folder: string) => {
    scalar(name: string, value: number, step: number): void;
    histogram(name: string, data: Tensor, step: number, buckets: number): void;
    flush(): void;
  };
}

/**
 * Opens tfjs-node's own writer of event files in a folder, which it makes.
 * @throws QpruneError (usage) where the native engine does not run: TensorFlow writes the files.
 */
export const openSummaryWriter = (folder: string): SummaryWriter => {
  const tfjsNode = tfjsNodeFolder();
  if (tfjsNode === undefined) {
    throw usageError(
      "TensorBoard's files are written by the native engine, which does not run.",
      "Use --engine native, or leave --log-dir out.",
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
