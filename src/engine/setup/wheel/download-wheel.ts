import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../../../base/errors.js";
import type { Machine } from "../machine.js";
import { runProgram } from "../run-program.js";
import { pipArguments, wheelHint } from "./check-wheel.js";
import type { Pip } from "./find-pip.js";
import type { Wheel } from "./wheels.js";

export interface WheelDownload {
  readonly wheel: Wheel;
  readonly pip: Pip;
  readonly env: Machine["env"];
  /** An empty folder for the wheel and pip's temporary files. */
  readonly folder: string;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const POLL_MS = 200;

/** The size of the largest file in a folder: the growing download, wherever pip stores it. */
const largestFileBytes = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = entries.map((name) =>
    stat(join(folder, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return Math.max(0, ...(await Promise.all(sizes)));
};

/** pip's reason: the last line with an error, otherwise the last line. */
const reasonOf = (stderr: string): string => {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const named = lines.filter((line) => /^ERROR|Errno/.test(line));
  return (named.at(-1) ?? lines.at(-1) ?? "it gave no reason").replace(/^ERROR: /, "");
};

/**
 * Downloads a wheel with pip, so that the mirrors, proxies and certificates of the user's pip apply. The progress is
 * measured by the size of the growing file, which works with every version of pip.
 * @returns the wheel's path.
 * @throws QpruneError with pip's reason.
 */
export const downloadWheel = async (download: WheelDownload): Promise<string> => {
  const { wheel, pip, env, folder, onProgress, signal } = download;
  const target = join(folder, "wheel");
  const temporary = join(folder, "tmp");
  await mkdir(target);
  await mkdir(temporary);
  const poll = setInterval(async () => {
    const bytes = await largestFileBytes(folder);
    // Only the checked file reports the last step.
    if (bytes > 0) onProgress(Math.min(bytes, wheel.bytes - 1), wheel.bytes);
  }, POLL_MS);
  try {
    const args = [...pipArguments(wheel), "--no-cache-dir", "--disable-pip-version-check", "-q"];
    const { code, stderr } = await runProgram(pip.python, [...args, "-d", target], {
      env: { ...env, TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: "0" },
      signal,
    });
    signal?.throwIfAborted();
    const name = (await readdir(target)).find((file) => file.endsWith(".whl"));
    if (code === 0 && name) return join(target, name);
    throw new QpruneError(`pip could not download ${wheel.fileName}: ${reasonOf(stderr)}.`, {
      code: "wheel-download-failed",
      details: { fetch: wheelHint(wheel) },
      hint: `Check the network, or set up the engine from a downloaded wheel. ${wheelHint(wheel)}`,
    });
  } finally {
    clearInterval(poll);
  }
};
