import type { OpenFile } from "../../files/reading/with-open-file.js";
import { isKeras, readOpenKeras } from "../../formats/keras/read-keras.js";
import { isOnnx, readOpenOnnx } from "../../formats/onnx/read-onnx.js";
import { isTfjs, readOpenTfjs } from "../../formats/tfjs/read-tfjs.js";
import { isTflite, readOpenTflite } from "../../formats/tflite/read-tflite.js";
import type { ImportedModel, ImportOptions } from "../../import/imported-model.js";
import { importKerasFile } from "../../import/keras/import-keras-file.js";
import { importOnnx } from "../../import/onnx/import-onnx.js";
import { importTfjs } from "../../import/tfjs/import-tfjs.js";
import { importTflite } from "../../import/tflite/import-tflite.js";

/** A format of other programs' nets. */
interface ForeignFormatFacts {
  /** What a file is, as in "an ONNX model". */
  readonly what: string;
  /** Whether a file starts like one of this format. */
  readonly isStart: (start: Uint8Array) => boolean;
  /** @throws QpruneError if the file is not valid, or contains what nets do not have. */
  readonly read: (file: OpenFile, options: ImportOptions) => Promise<ImportedModel>;
}

/** The formats of other programs' nets. */
export const FOREIGN_FORMATS = {
  onnx: {
    what: "an ONNX model",
    isStart: isOnnx,
    read: async (file, options) => importOnnx(await readOpenOnnx(file), file.path, options),
  },
  keras: {
    what: "a Keras model",
    isStart: isKeras,
    read: async (file, options) => importKerasFile(await readOpenKeras(file), file.path, options),
  },
  tflite: {
    what: "a .tflite file",
    isStart: isTflite,
    read: async (file, options) => importTflite(await readOpenTflite(file), file.path, options),
  },
  tfjs: {
    what: "a TensorFlow.js model",
    isStart: isTfjs,
    read: async (file, options) => importTfjs(await readOpenTfjs(file), file.path, options),
  },
} as const satisfies Readonly<Record<string, ForeignFormatFacts>>;

export type ForeignFormat = keyof typeof FOREIGN_FORMATS;

/** The format of another program's net by the first bytes of its file; undefined for other files. */
export const foreignFormatOf = (start: Uint8Array): ForeignFormat | undefined => {
  const formats = Object.keys(FOREIGN_FORMATS) as ForeignFormat[];
  return formats.find((format) => FOREIGN_FORMATS[format].isStart(start));
};
