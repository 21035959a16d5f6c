import { readFileSync } from "node:fs";
import type { Machine } from "./machine.js";

/** The vector extensions that a Linux system reports for the processor; empty if unknown. */
export const vectorExtensions = (cpuInfoFile = "/proc/cpuinfo"): string[] => {
  try {
    const flags =
      /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync(cpuInfoFile, "utf8"))?.[1] ?? "";
    const isVector = (name: string): boolean => /^(avx|amx|fma$|asimd|sve)/.test(name);
    return flags.split(/\s+/).filter(isVector);
  } catch {
    return [];
  }
};

/** Whether this Node runs on glibc, which TensorFlow's libraries for Linux require. */
const hasGlibc = (): boolean => {
  const report = process.report;
  // Without this, a report may query name servers.
  Object.assign(report, { excludeNetwork: true });
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
};

/** Why TensorFlow's libraries cannot run on a machine that has a wheel; undefined if they can. */
export const machineObstacle = ({ platform, arch }: Machine): string | undefined => {
  if (platform !== "linux") return undefined;
  if (!hasGlibc()) return "this system's C library is not glibc";
  const extensions = vectorExtensions();
  const lacksAvx = arch === "x64" && extensions.length > 0 && !extensions.includes("avx");
  return lacksAvx ? "the processor has no AVX" : undefined;
};
