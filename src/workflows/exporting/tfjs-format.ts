import { MODEL_FILE, SHARD_NAME } from "../../export/tfjs/model-files/file-names.js";
import type { ExportFormat } from "./format.js";

/** A graph model that TensorFlow.js loads without qprune. */
export const tfjsFormat: ExportFormat = {
  name: "tfjs",
  summary: "a graph model for TensorFlow.js",
  output: {
    kind: "folder",
    isOwnFile: (name) => name === MODEL_FILE || SHARD_NAME.test(name),
  },
  readOn: "docs/export-tfjs.md shows how to load it in Node and in a page",
  isTestable: false,
  write: async (net, path) => {
    const { writeTfjs } = await import("./write-tfjs.js");
    return writeTfjs(net, path);
  },
};
