import type { ConvertResult } from "../../workflows/converting/convert-model.js";

/** What a conversion wrote, for people. */
export const convertText = (result: ConvertResult): string => {
  const { file, arch, sequence, cfg, classes, tensors, bytes, hasManifest } = result;
  const net = `${arch} (${sequence}), cfg ${cfg.join(",")}, ${classes} classes`;
  const note = hasManifest ? "" : "It does not record how the net was quantized and trained.\n";
  return `Wrote ${file}: ${net}, ${tensors} tensors, ${bytes} bytes\n${note}`;
};
