import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "../machine.js";
import { runProgram } from "../run-program.js";
import type { Pip } from "./find-pip.js";

export interface PipDownload {
  readonly pip: Pip;
  /** The arguments that choose the wheel, from `-m pip download` on. */
  readonly args: readonly string[];
  readonly env: Machine["env"];
  /** An empty folder for the wheel and pip's temporary files. */
  readonly folder: string;
  /** Called with the bytes received so far. */
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The path of the wheel, or pip's reason for a failure. */
export type PipDownloaded = { readonly wheelFile: string } | { readonly reason: string };

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
 * @throws the signal's reason if aborted.
 */
export const pipDownload = async (download: PipDownload): Promise<PipDownloaded> => {
  const { pip, env, folder, onBytes, signal } = download;
  const target = join(folder, "wheel");
  const temporary = join(folder, "tmp");
  await mkdir(target);
  await mkdir(temporary);
  const poll = setInterval(async () => {
    const bytes = await largestFileBytes(folder);
    if (bytes > 0) onBytes(bytes);
  }, POLL_MS);
  try {
    const args = [...download.args, "--no-cache-dir", "--disable-pip-version-check", "-q"];
    const { code, stderr } = await runProgram(pip.python, [...args, "-d", target], {
      env: { ...env, TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: "0" },
      signal,
    });
    signal?.throwIfAborted();
    const name = (await readdir(target)).find((file) => file.endsWith(".whl"));
    return code === 0 && name ? { wheelFile: join(target, name) } : { reason: reasonOf(stderr) };
  } finally {
    clearInterval(poll);
  }
};
