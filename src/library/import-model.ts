import { QpruneError } from "../base/errors.js";
import { FOREIGN_FORMATS, foreignFormatOf } from "../checkpoint/net-files/foreign-net.js";
import { withOpenFile } from "../files/reading/with-open-file.js";
import { describeFileKind, KIND_BYTES } from "../formats/describe-file-kind.js";
import type { Model } from "../graph/model.js";
import type { ImportOptions } from "../import/imported-model.js";
import { importLayersModel, type LayersModel } from "../import/tfjs/layers-model.js";

const importFile = (path: string, options: ImportOptions): Promise<Model> =>
  withOpenFile(path, async (file) => {
    const start = await file.read(0, Math.min(file.size, KIND_BYTES));
    const format = foreignFormatOf(start);
    if (format) return (await FOREIGN_FORMATS[format].read(file, options)).model;
    const kind = describeFileKind(start);
    throw new QpruneError(
      `${path} is not a model of ONNX, TensorFlow or Keras${kind ? `: it is ${kind.what}` : ""}.`,
      { kind: "usage", hint: "Files of qprune and PyTorch are read by the other functions." },
    );
  });

/**
 * Reads another program's net as a model: a graph with its weights, for images of any number of channels. The file may be an
 * ONNX model, a Keras model (.keras or .h5), or a model.json of TensorFlow.js with its weights; a `tf.LayersModel` in memory is read as well.
 *
 * @example
 * const { graph, weights } = await importModel("mobilenet.onnx", { until: "/features/features.18/Relu" });
 *
 * @throws QpruneError if the file is not valid, or has nodes that nets do not have; it names the first one.
 */
export const importModel = async (
  source: string | LayersModel,
  options: ImportOptions = {},
): Promise<Model> =>
  typeof source === "string"
    ? importFile(source, options)
    : importLayersModel(source, options).model;
