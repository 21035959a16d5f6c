import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { summariseNet } from "../../analysis/model-summary.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { NetForm } from "../stages/stage-kind.js";
import type { StageNumbers } from "./recipe-state.js";

const bytesOf = async (path: string): Promise<number> => {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => bytesOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
};

/** A file that a stage reads its net from. */
interface NetSource {
  readonly path: string;
  /** The dict of tensors to read from a .pth file. */
  readonly key?: string | undefined;
}

/**
 * Accuracy, cost and size of the net that a stage wrote to `path`. A TensorFlow.js folder is not a checkpoint, so its
 * net is read from the `source` that it was exported from. For a comparison and sensitivities only the file size is known.
 */
export const measureStage = async (
  path: string,
  form: NetForm,
  source?: NetSource,
): Promise<StageNumbers> => {
  const isFolder = (await stat(path)).isDirectory();
  const fileBytes = await bytesOf(path);
  const file = isFolder ? source : { path };
  const net = form === "comparison" || form === "sensitivities" ? undefined : file;
  const checkpoint = net && (await loadCheckpoint(net.path, { key: net.key }));
  if (!checkpoint?.manifest) {
    return { accuracy: null, parameters: null, macs: null, packedBytes: null, fileBytes };
  }
  const { parameters, macs, packedBytes } = summariseNet(
    checkpoint,
    checkpoint.manifest.spec,
  ).total;
  const accuracy = checkpoint.manifest.accuracy ?? null;
  return { accuracy, parameters, macs, packedBytes, fileBytes };
};
