import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A Python that imports torch, or why there is none. */
export type FoundTorch =
  | { readonly kind: "found"; readonly python: string; readonly version: string }
  | { readonly kind: "none"; readonly why: string };

/** The interpreter in QPRUNE_TORCH, else python3 of the PATH, where it has PyTorch. */
export const findTorch = async (): Promise<FoundTorch> => {
  const python = process.env.QPRUNE_TORCH ?? "python3";
  try {
    const { stdout } = await run(python, ["-c", "import torch; print(torch.__version__)"]);
    return { kind: "found", python, version: stdout.trim() };
  } catch {
    return {
      kind: "none",
      why: `${python} does not import torch (QPRUNE_TORCH names another one)`,
    };
  }
};
