import { QpruneError } from "../../base/errors.js";
import type { Cifar } from "./cifar.js";

/** The error for a folder in which some of the files that are needed are missing. */
export const incompleteCifar = (
  cifar: Cifar,
  folder: string,
  missing: readonly string[],
  files: readonly string[],
): QpruneError =>
  new QpruneError(
    `${cifar.title} is incomplete: ${folder} lacks ${missing.join(", ")} of ${files.join(", ")}.`,
    { hint: `Unpack its archive again, or fetch ${cifar.archive.file} with --download.` },
  );
