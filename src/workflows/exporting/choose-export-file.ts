import { mkdir, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { exists } from "../../files/reading/exists.js";
import { writeFailure } from "../../files/writing/write-file-atomically.js";
import { checkFolder } from "../outputs/check-output-path.js";
import type { ExportOutput } from "./format.js";

export interface ExportFileOptions {
  /** The path that the caller chose. */
  readonly save?: string | undefined;
  readonly force: boolean;
  /** The file to export. */
  readonly input: string;
  readonly format: string;
  readonly output: ExportOutput;
}

const suffixOf = (output: ExportOutput): string => (output.kind === "file" ? output.suffix : "");

/** The default path: models_save/export/nin_packed.safetensors for any nin.safetensors. */
const defaultPath = async ({ input, format, output }: ExportFileOptions): Promise<string> => {
  const folder = join("models_save", "export");
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw writeFailure(folder, cause);
  });
  return join(folder, `${basename(input, extname(input))}_${format}${suffixOf(output)}`);
};

/**
 * Refuses to replace anything that is not an export of this format, even with `force`.
 * @throws QpruneError (usage)
 */
const checkKind = async (path: string, output: ExportOutput): Promise<void> => {
  const found = await stat(path);
  if (output.kind === "file") {
    if (!found.isFile())
      throw usageError(`${path} is not a regular file.`, `Choose another ${option("save")}.`);
    return;
  }
  if (!found.isDirectory())
    throw usageError(`${path} is not a folder.`, `Choose another ${option("save")}.`);
  const other = (await readdir(path)).find((name) => !output.isOwnFile(name));
  if (other === undefined) return;
  throw usageError(
    `${path} would be replaced, but it contains ${other}, which is not part of an export.`,
    `Choose a new folder with ${option("save")}.`,
  );
};

/**
 * Chooses and checks the path of an export before anything is computed.
 * @throws QpruneError (usage) for a wrong ending, a missing folder, and an existing file without `force`.
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
    `${path} already exists and would be overwritten.`,
    `Choose another ${option("save")}, or allow it with ${option("force")}.`,
  );
};
