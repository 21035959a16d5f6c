import { fileURLToPath } from "node:url";
import { runProgram } from "../setup/run-program.js";

/** Whether the engine loads and computes. */
export type ProbeResult = { readonly isUsable: boolean; readonly detail: string };

/** What the probe's process prints, on a line of its own, when it came to its end. */
export const PROBE_MARK = "qprune-probe:";

/**
 * Tries the native engine in a process of its own, so that a library that ends its process ends only
 * that one. Works in the built package.
 */
export const probeInProcess = async (signal?: AbortSignal): Promise<ProbeResult> => {
  const program = fileURLToPath(new URL("./probe-process.js", import.meta.url));
  const { stdout, stderr, code } = await runProgram(process.execPath, [program], { signal });
  const line = stdout.split("\n").find((text) => text.startsWith(PROBE_MARK));
  if (line) return JSON.parse(line.slice(PROBE_MARK.length)) as ProbeResult;
  const reason =
    stderr.trim().split("\n").at(-1) || `exit code ${code ?? "none, ended by a signal"}`;
  return { isUsable: false, detail: `its process ended while loading: ${reason}` };
};
