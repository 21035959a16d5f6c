import { QpruneError } from "../../../base/errors.js";
import { pipArguments, wheelHint } from "./check-wheel.js";
import { type PipDownload, pipDownload } from "./pip-download.js";
import type { Wheel } from "./wheels.js";

export interface WheelDownload extends Omit<PipDownload, "args" | "onBytes"> {
  readonly wheel: Wheel;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Downloads TensorFlow's wheel with pip.
 * @returns the wheel's path.
 * @throws QpruneError with pip's reason.
 */
export const downloadWheel = async (download: WheelDownload): Promise<string> => {
  const { wheel, onProgress } = download;
  const downloaded = await pipDownload({
    ...download,
    args: pipArguments(wheel),
    // Only the checked file reports the last step.
    onBytes: (bytes) => onProgress(Math.min(bytes, wheel.bytes - 1), wheel.bytes),
  });
  if ("wheelFile" in downloaded) return downloaded.wheelFile;
  throw new QpruneError(`pip could not download ${wheel.fileName}: ${downloaded.reason}.`, {
    code: "wheel-download-failed",
    details: { fetch: wheelHint(wheel) },
    hint: `Check the network, or set up the engine from a downloaded wheel. ${wheelHint(wheel)}`,
  });
};
