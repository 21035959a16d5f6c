import { constants } from "node:fs";
import { access, mkdir, realpath, rename, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { QpruneError } from "../../core/errors.js";
import type { TrainingCall } from "./training-call.js";

const SUFFIX = ".safetensors";

const usage = (message: string, hint: string): QpruneError =>
  new QpruneError(message, { kind: "usage", hint });

const existing = (path: string) => stat(path).catch(() => undefined);

const samePlace = async (a: string, b: string): Promise<boolean> => {
  const [realA, realB] = await Promise.all(
    [a, b].map((path) => realpath(path).catch(() => resolve(path))),
  );
  return realA === realB;
};

const checkFolder = async (folder: string): Promise<void> => {
  const found = await existing(folder);
  if (!found)
    throw usage(
      `The folder of --save does not exist: ${folder}`,
      `Make it first: mkdir -p ${folder}`,
    );
  if (!found.isDirectory())
    throw usage(`Not a folder: ${folder}`, "Give --save a file in a folder.");
  await access(folder, constants.W_OK).catch((cause) => {
    throw new QpruneError(`The folder of --save cannot be written: ${folder}`, {
      kind: "usage",
      hint: "Choose another folder or change its permissions.",
      cause,
    });
  });
};

/**
 * Where the best net goes, checked before anything is trained: models_save/<command>/<arch>.safetensors,
 * whose folder is made, or the user's --save, whose folder must exist.
 * @throws QpruneError (usage) where it cannot be written or is the file that is read.
 */
export const chooseOutputFile = async (call: TrainingCall, arch: string): Promise<string> => {
  const { save, force, resume, refine } = call.options;
  const path = save ?? join("models_save", call.command, `${arch}${SUFFIX}`);
  if (!path.endsWith(SUFFIX)) {
    throw usage(`--save ${path}: the name must end in ${SUFFIX}.`, `Give --save NAME${SUFFIX}.`);
  }
  const folder = dirname(path);
  if (save === undefined) await mkdir(folder, { recursive: true });
  await checkFolder(folder);
  if ((await existing(path))?.isDirectory()) {
    throw usage(`--save ${path} is a folder.`, "Give the name of a file.");
  }
  for (const input of [resume, refine]) {
    if (input !== undefined && !force && (await samePlace(input, path))) {
      throw usage(
        `${path} is read and would be overwritten.`,
        "Choose another --save, or allow it with --force.",
      );
    }
  }
  return path;
};

/**
 * Moves what a finished run left at `path` aside as `path.previous`; the file of a run that did not
 * come to its end is left to be replaced.
 */
export const moveFinishedAside = async (path: string): Promise<void> => {
  if (!(await existing(path))) return;
  // A file that does not read as a checkpoint of ours is somebody's work all the same.
  const isFinished = await loadCheckpoint(path).then(
    ({ manifest }) => manifest?.isFinished ?? true,
    () => true,
  );
  if (isFinished) await rename(path, `${path}.previous`);
};
