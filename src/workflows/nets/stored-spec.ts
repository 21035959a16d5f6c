import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { CIFAR } from "../../data/cifar/cifar.js";
import type { DataSetInfo } from "../../data/data-set.js";
import type { NetSpec } from "../../models/spec.js";
import { specFromDescription } from "../../models/spec-from-description.js";
import type { Quantization } from "../../quant/quantization.js";

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

/** What is said of a file without a manifest where nothing tells its quantization. */
export const UNTOLD =
  "The file does not say how it was trained: it is taken as a full-precision net on CIFAR-10.";

/** The images that a file was trained on; CIFAR-10's where it does not say. */
export const storedDataSetInfo = ({ manifest }: Checkpoint): DataSetInfo =>
  manifest?.dataSet ?? CIFAR.cifar10.info;

/**
 * The spec that a file tells; one without a manifest is taken as the net that it was recognised as, quantized
 * as `untold` says, on CIFAR's images.
 */
export const storedSpec = (file: Checkpoint, untold: Quantization = FLOAT): NetSpec => {
  if (file.manifest) return file.manifest.spec;
  const { channels, height, width } = storedDataSetInfo(file);
  return specFromDescription({
    ...file.net,
    description: file.recognised,
    input: { channels, height, width },
    quantization: untold,
  });
};
