import type { Manifest } from "../checkpoint/manifest.js";
import type { ExportNet } from "./export-net.js";

/** The manifest of an exported file; `version` is that of the package. */
export const manifestOf = (
  { spec, dataSet, accuracy, epoch }: ExportNet,
  version: string,
): Manifest => ({ spec, dataSet, accuracy, epoch, isFinished: true, version });
