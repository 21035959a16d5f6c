import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

/** The folder itself, or the nearest one above it that exists. */
export const existingParent = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : existingParent(dirname(path));

const mountsOfThisProcess = (): string => {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return "";
  }
};

/** Blanks and backslashes are written as three octal digits. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );

/**
 * The mount point of the disk that `path` is on, or will be, if that is mounted noexec: no program or library can be
 * loaded from it. Undefined for other disks, and where the system does not list its mounts as Linux does.
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
    // Of two mounts at one point, the later one covers the earlier one.
    if (isAbove && point.length >= found.point.length)
      found = { point, isNoexec: options.split(",").includes("noexec") };
  }
  return found.isNoexec ? found.point : undefined;
};
