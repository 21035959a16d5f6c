import { mkdir, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { exists } from "../../files/exists.js";
import { writeFailure } from "../../files/write-file-atomically.js";
import { checkFolder } from "../outputs/check-output-place.js";
import type { ExportOutput } from "./format.js";

export interface ExportFileOptions {
  /** What the caller names. */
  readonly save?: string | undefined;
  readonly force: boolean;
  /** The file that is exported. */
  readonly input: string;
  readonly format: string;
  readonly output: ExportOutput;
}

const suffixOf = (output: ExportOutput): string => (output.kind === "file" ? output.suffix : "");

/** models_save/export/nin_packed.safetensors of any nin.safetensors. */
const defaultPath = async ({ input, format, output }: ExportFileOptions): Promise<string> => {
  const folder = join("models_save", "export");
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw writeFailure(folder, cause);
  });
  return join(folder, `${basename(input, extname(input))}_${format}${suffixOf(output)}`);
};

/**
 * Refuses to write where something other than such an export is, even with `force`.
 * @throws QpruneError (usage)
 */
const checkKind = async (path: string, output: ExportOutput): Promise<void> => {
  const found = await stat(path);
  if (output.kind === "file") {
    if (!found.isFile())
      throw usageError(`${path} is no plain file.`, `Choose another ${option("save")}.`);
    return;
  }
  if (!found.isDirectory())
    throw usageError(`${path} is no folder.`, `Choose another ${option("save")}.`);
  const other = (await readdir(path)).find((name) => !output.isOwnFile(name));
  if (other === undefined) return;
  throw usageError(
    `${path} holds ${other}, which is no part of an export, and would be replaced as a whole.`,
    `Choose a new folder with ${option("save")}.`,
  );
};

/**
 * Where an export goes, checked before anything is computed.
 * @throws QpruneError (usage) for another ending, a folder that is not there, and what is there already.
 */
export const chooseExportFile = async (options: ExportFileOptions): Promise<string> => {
  const { save, force, output } = options;
  const suffix = suffixOf(output);
  const path = (save ?? (await defaultPath(options))).replace(/(?<=.)\/+$/, "");
  if (!path.endsWith(suffix)) {
    throw usageError(
      `${option("save")} ${path}: the name must end in ${suffix}.`,
      `Give ${option("save")} NAME${suffix}.`,
    );
  }
  await checkFolder(dirname(path), option("save"));
  if (!(await exists(path))) return path;
  await checkKind(path, output);
  if (force) return path;
  throw usageError(
    `${path} is there and would be overwritten.`,
    `Choose another ${option("save")}, or allow it with ${option("force")}.`,
  );
};
