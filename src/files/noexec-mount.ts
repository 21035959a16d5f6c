import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

/** The path itself if it exists, else its nearest existing parent. */
export const existingParent = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : existingParent(dirname(path));

const mountsOfThisProcess = (): string => {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return "";
  }
};

/** Decodes spaces and backslashes, which the kernel writes as three octal digits. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );

/**
 * The mount point of the disk that contains (or will contain) `path`, if it is mounted noexec, so that no program or
 * library can be loaded from it. Undefined for other disks, and on systems without Linux's list of mounts.
 */
export const noexecMount = (
  path: string,
  mountInfo = mountsOfThisProcess(),
): string | undefined => {
  const real = realpathSync(existingParent(path));
  let found = { point: "", isNoexec: false };
  for (const line of mountInfo.split("\n")) {
    const [, , , , field, options] = line.split(" ");
    if (field === undefined || options === undefined) continue;
    const point = unescaped(field);
    const isAbove = real === point || real.startsWith(point === "/" ? point : `${point}/`);
    // Of two mounts at the same point, the later one hides the earlier one.
    if (isAbove && point.length >= found.point.length)
      found = { point, isNoexec: options.split(",").includes("noexec") };
  }
  return found.isNoexec ? found.point : undefined;
};
