import { fileURLToPath } from "node:url";
import { runProgram } from "../setup/run-program.js";

/** Whether the engine loads and computes, and why not. */
export interface ProbeResult {
  readonly isUsable: boolean;
  readonly detail: string;
  /** Whether the processor multiplies bfloat16 for the engine; absent if it is not usable. */
  readonly multipliesBf16?: boolean;
}

/** Marks the line with the result in the output of the probe's process. */
export const PROBE_MARK = "qprune-probe:";

/**
 * Tries the native engine in a separate process, since a faulty library may end the process that loads it. It works only
 * in the built package.
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
