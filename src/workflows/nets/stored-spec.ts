import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { CIFAR } from "../../data/cifar/cifar.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { FULL_PRECISION, type Quantization } from "../../graph/quantizers.js";
import { specFromDescription } from "../../models/chains/descriptions/chain-from-description.js";
import { type NetSpec, specOfGraph } from "../../models/net-spec.js";
import { DEFAULT_PLACEMENT } from "../../passes/layer-precisions.js";
import { quantizeGraph } from "../../passes/quantize-graph.js";
import { publishedDataSetInfo } from "../images/published-data-set.js";

/** The data set that a file records, or for which the published weights of its net were trained. */
export const knownDataSetInfo = ({
  manifest,
  recognized,
  net,
}: Checkpoint): DataSetInfo | undefined =>
  manifest ? manifest.dataSet : publishedDataSetInfo(recognized, net.classes);

/** The data set that is known of a file, or else CIFAR-10, that of the reference scripts. */
export const storedDataSetInfo = (file: Checkpoint): DataSetInfo =>
  knownDataSetInfo(file) ?? CIFAR.cifar10.info;

/**
 * The spec that a file records. Without a manifest it is the net that the file was recognized as, with the quantization
 * `unrecorded`, for CIFAR-10 images, or for images of the size for which its architecture was designed.
 */
export const storedSpec = (
  file: Checkpoint,
  unrecorded: Quantization = FULL_PRECISION,
): NetSpec => {
  if (file.manifest) return file.manifest.spec;
  const { recognized, net } = file;
  if (recognized.kind === "graph") {
    const { imageSide: side, build } = recognized;
    const image = { height: side, width: side, channels: 3 };
    const graph = build({ classes: net.classes, image });
    return specOfGraph({
      arch: net.arch,
      graph: quantizeGraph(graph, unrecorded, DEFAULT_PLACEMENT),
      quantization: unrecorded,
      form: "trainable",
    });
  }
  const { channels, height, width } = storedDataSetInfo(file);
  return specFromDescription({
    ...net,
    ...(net.chain as NonNullable<typeof net.chain>),
    description: recognized.description,
    input: { channels, height, width },
    quantization: unrecorded,
  });
};
