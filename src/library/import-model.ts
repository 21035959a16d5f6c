import { withOpenFile } from "../files/reading/with-open-file.js";
import { readOpenOnnx } from "../formats/onnx/read-onnx.js";
import type { Model } from "../graph/model.js";
import type { ImportOptions } from "../import/imported-model.js";
import { importOnnx } from "../import/onnx/import-onnx.js";

/**
 * Reads the net of an ONNX file as a model: a graph with its weights, for images of any number of channels.
 *
 * @example
 * const { graph, weights } = await importModel("mobilenet.onnx", { until: "/features/features.18/Relu" });
 *
 * @throws QpruneError if the file is not valid, or has nodes that nets do not have; it names the first one.
 */
export const importModel = (path: string, options: ImportOptions = {}): Promise<Model> =>
  withOpenFile(path, async (file) => importOnnx(await readOpenOnnx(file), path, options).model);
