import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { CIFAR } from "../../data/cifar/cifar.js";
import type { DataSetInfo } from "../../data/data-set.js";
import type { Quantization } from "../../graph/quantizers.js";
import type { NetSpec } from "../../models/spec.js";
import { specFromDescription } from "../../models/spec-from-description.js";

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

/** The data set that a file records; CIFAR-10 if it records none. */
export const storedDataSetInfo = ({ manifest }: Checkpoint): DataSetInfo =>
  manifest?.dataSet ?? CIFAR.cifar10.info;

/**
 * The spec that a file records. Without a manifest it is the net that the file was recognized as, with the quantization
 * `unrecorded`, for CIFAR-10 images.
 */
export const storedSpec = (file: Checkpoint, unrecorded: Quantization = FLOAT): NetSpec => {
  if (file.manifest) return file.manifest.spec;
  const { channels, height, width } = storedDataSetInfo(file);
  return specFromDescription({
    ...file.net,
    description: file.recognised,
    input: { channels, height, width },
    quantization: unrecorded,
  });
};
