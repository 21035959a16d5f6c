import { readFileSync } from "node:fs";
import type { Machine } from "./machine.js";

/** The vector extensions that the processor of a Linux machine names; empty where they are unknown. */
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

/** Whether this Node runs on glibc, which TensorFlow's libraries for Linux are made for. */
const hasGlibc = (): boolean => {
  const report = process.report;
  // The network part of a report may ask name servers.
  Object.assign(report, { excludeNetwork: true });
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
};

/** Why TensorFlow's libraries cannot run on this machine although there is a wheel; else undefined. */
export const machineObstacle = ({ platform, arch }: Machine): string | undefined => {
  if (platform !== "linux") return undefined;
  if (!hasGlibc()) return "this system's C library is not glibc";
  const extensions = vectorExtensions();
  const lacksAvx = arch === "x64" && extensions.length > 0 && !extensions.includes("avx");
  return lacksAvx ? "the processor has no AVX" : undefined;
};
