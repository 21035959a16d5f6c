import { PACKING_KEY } from "../../checkpoint/packed/packing.js";
import { loadRuntimeAddon } from "../../engine/runtime-addon/runtime-addon.js";
import { readSafetensors } from "../../formats/safetensors/read-safetensors.js";
import type { SafetensorsFile } from "../../formats/safetensors/stored-tensor.js";
import { loadPacked } from "../../runtime/load-packed.js";
import type { RuntimeAddon } from "../../runtime/native/native-kernels.js";
import { netFileOf } from "../nets/shipped-net.js";
import { type Classifier, checkPredicts } from "./classifier.js";

const bytesOf = ({ tensors }: SafetensorsFile): number =>
  [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);

const joined = (images: readonly Uint8Array[]): Uint8Array => {
  const size = images[0]?.length ?? 0;
  const batch = new Uint8Array(images.length * size);
  for (const [at, image] of images.entries()) batch.set(image, at * size);
  return batch;
};

/**
 * The net of a packed file, in the runtime, which starts no TensorFlow.
 * @param isRequired whether a file that is not packed is an error; otherwise it is null
 * @throws QpruneError if a packed file is damaged.
 */
export const runtimeClassifier = async (
  asked: string,
  isRequired: boolean,
): Promise<Classifier | null> => {
  const path = await netFileOf(asked);
  const reading = readSafetensors(path);
  const file = isRequired ? await reading : await reading.catch(() => null);
  if (!file || (!isRequired && !(PACKING_KEY in file.metadata))) return null;
  // The addon exports the kernels by these names (src/engine/runtime-addon/native/addon.cc).
  const addon = loadRuntimeAddon() as RuntimeAddon | null;
  const packed = { file, bytes: bytesOf(file), name: path };
  const { net, model } = await loadPacked(packed, { addon, threads: "auto" });
  checkPredicts(asked, net.model.graph);
  const { input, classes } = model.info;
  const isNamed = net.dataSet.classNames.length === classes.length;
  return {
    info: { ...net.dataSet, ...input, channels: 3 },
    classNames: isNamed ? net.dataSet.classNames : [],
    predict: (images) =>
      model
        .predict(joined(images))
        .map(({ probabilities, boxes }) =>
          boxes ? { kind: "boxes", boxes } : { kind: "classes", probabilities },
        ),
    dispose: model.dispose,
  };
};
