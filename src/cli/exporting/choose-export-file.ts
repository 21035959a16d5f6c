import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { QpruneError } from "../../core/errors.js";
import { writeFailure } from "../../files/write-file-atomically.js";

export interface ExportFileOptions {
  /** The user's --save. */
  readonly save?: string | undefined;
  readonly force: boolean;
  /** The file that is exported. */
  readonly input: string;
  readonly format: string;
  readonly kind: "file";
  /** What the name ends in. */
  readonly suffix: string;
}

const usage = (message: string, hint: string): QpruneError =>
  new QpruneError(message, { kind: "usage", hint });

/** models_save/export/nin_packed.safetensors of any nin.safetensors. */
const defaultPath = async ({ input, format, suffix }: ExportFileOptions): Promise<string> => {
  const folder = join("models_save", "export");
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw writeFailure(folder, cause);
  });
  return join(folder, `${basename(input, extname(input))}_${format}${suffix}`);
};

/**
 * Where an export goes, checked before anything is computed.
 * @throws QpruneError (usage) for another ending, a folder that is not there, and a file that is there.
 */
export const chooseExportFile = async (options: ExportFileOptions): Promise<string> => {
  const { save, force, suffix } = options;
  const path = save ?? (await defaultPath(options));
  if (!path.endsWith(suffix)) {
    throw usage(`--save ${path}: the name must end in ${suffix}.`, `Give --save NAME${suffix}.`);
  }
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw usage(
      `The folder of --save does not exist: ${dirname(path)}`,
      `Make it first: mkdir -p ${dirname(path)}`,
    );
  }
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) throw usage(`${path} is no plain file.`, "Choose another --save.");
  if (found && !force) {
    throw usage(
      `${path} is there and would be overwritten.`,
      "Choose another --save, or allow it with --force.",
    );
  }
  return path;
};
