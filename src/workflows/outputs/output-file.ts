import { copyFile, mkdir, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { Manifest } from "../../checkpoint/manifest.js";
import { NET_FILE_SUFFIXES } from "../../checkpoint/net-files/net-file.js";
import { stateDigest } from "../../checkpoint/tensors/state-digest.js";
import {
  TRAINING_STATE_SUFFIX,
  trainingStatePathOf,
} from "../../checkpoint/training/training-state-path.js";
import { linkTarget } from "../../files/writing/link-target.js";
import { moveOver } from "../../files/writing/move-over.js";
import { writeFailure } from "../../files/writing/write-file-atomically.js";
import { fileHistory } from "../history/file-history.js";
import { historyPathOf } from "../history/history-path.js";
import { checkFolder, checkPlainFile, checkSuffix } from "./check-output-path.js";

const SAVE = option("save");

const existing = (path: string) => stat(path).catch(() => undefined);

/** Whether two paths lead to the same file, following links. */
export const isSameFile = async (a: string, b: string): Promise<boolean> => {
  const [realA, realB] = await Promise.all(
    [a, b].map((path) => realpath(path).catch(() => resolve(path))),
  );
  return realA === realB;
};

/** Where the file of an earlier finished run is kept. */
export const previousPath = (path: string): string => `${path}.previous`;
/** Where the best file of an earlier unfinished run is kept. */
export const interruptedPath = (path: string): string => `${path}.interrupted`;

const makeFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new QpruneError(`The folder ${folder} cannot be created: ${(cause as Error).message}`, {
      kind: "usage",
      hint: `Move what is in the way, or choose another path with ${SAVE}.`,
      cause,
    });
  });
};

export interface OutputFileOptions {
  /** The path that the caller chose. */
  readonly save?: string | undefined;
  /** The path otherwise; its folder is created. */
  readonly defaultPath: string;
  /** Input files, which must not be overwritten. */
  readonly inputs: readonly (string | undefined)[];
  readonly force: boolean;
}

/**
 * Chooses and checks the path of a model before anything is computed: the default, whose folder is created, or the path
 * that the caller chose, whose folder must exist.
 * @throws QpruneError (usage) if it cannot be written or is an input file.
 */
export const chooseOutputFile = async (options: OutputFileOptions): Promise<string> => {
  const { save, force, inputs, defaultPath } = options;
  const path = save ?? defaultPath;
  checkSuffix(path, SAVE);
  if (path.endsWith(TRAINING_STATE_SUFFIX)) {
    throw usageError(
      `${SAVE} ${path}: names that end in ${TRAINING_STATE_SUFFIX} are reserved for training states.`,
      "Choose another name.",
    );
  }
  const folder = dirname(path);
  if (save === undefined) await makeFolder(folder);
  await checkFolder(folder, SAVE);
  for (const each of [path, previousPath(path)]) await checkPlainFile(each, SAVE);
  for (const input of inputs) {
    const outputs = [path, previousPath(path), interruptedPath(path), trainingStatePathOf(path)];
    const isRead =
      input !== undefined &&
      (await Promise.all(outputs.map((output) => isSameFile(input, output))));
    if (!force && isRead && isRead.some(Boolean)) {
      throw usageError(
        `${path} is an input and would be overwritten.`,
        `Choose another ${SAVE}, or allow it with ${option("force")}.`,
      );
    }
  }
  return path;
};

const moveTo = async (from: string, to: string): Promise<void> => {
  await moveOver(from, to).catch((cause) => {
    throw writeFailure(to, cause);
  });
};

const copyTo = async (from: string, to: string): Promise<void> => {
  await copyFile(from, to).catch((cause) => {
    throw writeFailure(to, cause);
  });
};

/**
 * Whether the history of a model file also belongs to the model in another format: nin.pth next to nin.safetensors.
 */
const isHistoryShared = async (path: string): Promise<boolean> => {
  const suffixes: readonly string[] = Object.values(NET_FILE_SUFFIXES).flat();
  const own = suffixes.find((suffix) => path.endsWith(suffix));
  if (own === undefined) return false;
  const name = path.slice(0, -own.length);
  for (const suffix of suffixes.filter((each) => each !== own)) {
    const other = await loadCheckpoint(`${name}${suffix}`).catch(() => undefined);
    if (other && (await fileHistory(other)).kind === "found") return true;
  }
  return false;
};

/**
 * Moves the file of an earlier run at `path` out of the way: that of a finished run to `path.previous`, that of an
 * unfinished run to `path.interrupted`, so that it never replaces a finished one. Its history is moved too, or copied if
 * it also belongs to the model in another format.
 */
export const moveAside = async (path: string): Promise<void> => {
  if (!(await existing(path))) return;
  // A file that is not a checkpoint of ours is still somebody's work.
  const isFinished = await loadCheckpoint(path).then(
    ({ manifest }) => manifest?.isFinished ?? true,
    () => true,
  );
  const isShared = await isHistoryShared(path);
  // A link is kept, and the new file is written to its target.
  const real = await linkTarget(path);
  const to = isFinished ? previousPath(path) : interruptedPath(path);
  await moveTo(real, to);
  const history = historyPathOf(path);
  if (isShared) await copyTo(history, historyPathOf(to));
  else if (await existing(history)) await moveTo(await linkTarget(history), historyPathOf(to));
};

/** Identifies the model file of a run. */
export interface RunIdentity {
  readonly run: string;
  /** Digest of the state dict that the run wrote last; null before the first. */
  readonly digest: string | null;
}

/** The manifest of the model file at `path` if this run wrote it. */
export const ownManifest = async (
  path: string,
  { run, digest }: RunIdentity,
): Promise<Manifest | undefined> => {
  if (!(await existing(path))) return undefined;
  const file = await loadCheckpoint(path).catch(() => undefined);
  // A finished file no longer records its run, but its content identifies it.
  const isOwn = file?.manifest?.run === run || (file && stateDigest(file.state) === digest);
  return isOwn ? file.manifest : undefined;
};

/** Moves an earlier file at `path` to `path.previous`. */
export const keepAside = async (path: string): Promise<void> => {
  if (await existing(path)) await moveTo(await linkTarget(path), previousPath(path));
};
