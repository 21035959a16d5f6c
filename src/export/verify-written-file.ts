import { stat } from "node:fs/promises";
import { QpruneError } from "../base/errors.js";
import { loadCheckpoint } from "../checkpoint/checkpoint.js";
import type { StateDict } from "../checkpoint/tensors/net-state.js";
import type { StoredTensor } from "../formats/safetensors/stored-tensor.js";

const isSame = (a: StoredTensor, b: StoredTensor | undefined): boolean =>
  b !== undefined &&
  a.dtype === b.dtype &&
  String(a.shape) === String(b.shape) &&
  Buffer.compare(a.data, b.data) === 0;

/**
 * Reads a file that was just written and compares its tensors with the expected ones, bit by bit. Returns its size in
 * bytes.
 * @throws QpruneError naming the first tensor that differs.
 */
export const verifyWrittenFile = async (path: string, expected: StateDict): Promise<number> => {
  const { state } = await loadCheckpoint(path);
  const names = new Set([...expected.keys(), ...state.keys()]);
  for (const name of names) {
    const tensor = expected.get(name);
    if (tensor && isSame(tensor, state.get(name))) continue;
    throw new QpruneError(`${path}: tensor ${name} differs from what was written.`, {
      hint: "Check the disk, and export again.",
    });
  }
  return (await stat(path)).size;
};
