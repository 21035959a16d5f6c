import { readFile } from "node:fs/promises";
import type { ExportNet } from "../../export/export-net.js";
import { checkTflite, tfliteModel } from "../../export/tflite/tflite-model.js";
import { packageVersion } from "../../files/package-version.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import { encodeTflite } from "../../formats/tflite/encode-tflite.js";
import type { Written } from "./format.js";

/**
 * Writes a net as a .tflite file, and verifies the written file.
 * @throws QpruneError if the file cannot be written or verified.
 */
export const writeTflite = async (net: ExportNet, path: string): Promise<Written> => {
  const { draft, isInt8, floatReason } = tfliteModel(net, packageVersion());
  await writeFileAtomically(path, [encodeTflite(draft)]);
  const bytes = await readFile(path);
  checkTflite(bytes, draft, path);
  const constants = draft.tensors.flatMap(({ data, type }) => (data ? [{ data, type }] : []));
  const sizeOf = (type: string): number =>
    constants.reduce((sum, each) => sum + (each.type === type ? each.data.length : 0), 0);
  const countOf = (type: string): number => constants.filter((each) => each.type === type).length;
  const used = sizeOf("float32") + sizeOf("int32") + sizeOf("int8");
  const row = (part: string, storage: "float32" | "int32" | "int8") => ({
    part,
    storage,
    tensors: countOf(storage),
    bytes: sizeOf(storage),
  });
  return {
    layout: [
      ...(isInt8
        ? [
            row("weights", "int8"),
            row("biases and shapes", "int32"),
            row("the last bias", "float32"),
          ]
        : [row("weights and constants", "float32"), row("shapes", "int32")]),
      { part: "graph", storage: "flatbuffer", tensors: 0, bytes: bytes.length - used },
    ],
    check: `all ${draft.operators.length} operators and ${constants.length} tensors match the net`,
    ...(floatReason !== undefined && {
      notices: [`The file computes in float32: ${floatReason}`],
    }),
  };
};
