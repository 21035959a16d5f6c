import type { ExportNet } from "../export-net.js";

/**
 * What a user of the model must know beside the graph; TensorFlow.js gives it as `model.metadata`.
 * `mean` and `std` are per channel, of pixel values in [0, 1].
 */
export const userMetadata = ({ spec, dataSet, accuracy }: ExportNet) => ({
  net: spec.arch,
  form: spec.form,
  quantization: spec.quantization,
  dataSet: dataSet.name,
  ...(accuracy !== undefined && { testAccuracyPercent: accuracy }),
  classNames: dataSet.classNames,
  input: {
    name: "images",
    layout: "NHWC",
    height: spec.input.height,
    width: spec.input.width,
    channels: "RGB",
  },
  normalisation: { mean: dataSet.mean, std: dataSet.std },
  preparation:
    "Scale the image to height x width pixels. For each channel: (value / 255 - mean) / std.",
  output: {
    name: "logits",
    meaning: "One number a class, in the order of classNames; softmax makes probabilities of them.",
  },
});
