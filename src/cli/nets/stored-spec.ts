import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { CIFAR } from "../../data/cifar.js";
import type { NetSpec } from "../../models/spec.js";
import { specFromDescription } from "../../models/spec-from-description.js";

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

/** The spec that a file tells; one without a manifest is taken as the float net that it was recognised as, on CIFAR's images. */
export const storedSpec = (file: Checkpoint): NetSpec => {
  if (file.manifest) return file.manifest.spec;
  const { channels, height, width } = CIFAR.cifar10.info;
  return specFromDescription({
    ...file.net,
    description: file.recognised,
    input: { channels, height, width },
    quantization: FLOAT,
  });
};
