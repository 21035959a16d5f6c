import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExportNet } from "../../export/export-net.js";
import { pageFiles, WEB_MODEL_FILE } from "../../export/web/page-files.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import { loadModel } from "../../runtime/index.js";
import type { FormatOptions, Written } from "./format.js";
import { writePacked } from "./write-packed.js";

/**
 * Writes a folder with a packed net, the runtime and a page, and loads the written net in the runtime.
 * @throws QpruneError if the folder cannot be written, or the runtime cannot load the net.
 */
export const writeWeb = async (
  net: ExportNet,
  path: string,
  options: FormatOptions,
): Promise<Written> => {
  await mkdir(path);
  const modelFile = join(path, WEB_MODEL_FILE);
  const packed = await writePacked(net, modelFile, options);
  const model = await readFile(modelFile);
  const files = await pageFiles(model);
  for (const [name, bytes] of files) await writeFileAtomically(join(path, name), [bytes]);
  const loaded = await loadModel(model);
  const { layers } = loaded.info;
  const integers = layers.filter(({ arithmetic }) => arithmetic === "integers").length;
  loaded.dispose();
  const pageBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    ...packed,
    layout: [
      ...packed.layout,
      { part: "page and runtime", storage: "text", tensors: 0, bytes: pageBytes },
    ],
    check: `${packed.check}, and the runtime loads them: ${integers} of ${layers.length} layers compute with integers`,
  };
};
