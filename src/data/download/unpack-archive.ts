import { stat } from "node:fs/promises";
import { join } from "node:path";
import { extract, ReadEntry } from "tar";
import { QpruneError } from "../../base/errors.js";

/** The files to take out of an archive, with the maximal size of each. */
export interface ArchiveContent {
  readonly folder: string;
  readonly maxBytesOfFile: ReadonlyMap<string, number>;
}

const withoutDotSlash = (path: string): string => path.replace(/^\.\//, "");

/**
 * Unpacks the wanted files of the archive's folder directly into `into`. Everything else is skipped, including links and
 * files that are too large.
 * @throws QpruneError if a wanted file is missing afterwards.
 */
export const unpackArchive = async (
  archive: string,
  { folder, maxBytesOfFile }: ArchiveContent,
  into: string,
): Promise<void> => {
  const maxBytes = (path: string): number | undefined => {
    const name = withoutDotSlash(path);
    return name.startsWith(`${folder}/`)
      ? maxBytesOfFile.get(name.slice(folder.length + 1))
      : undefined;
  };
  try {
    await extract({
      file: archive,
      cwd: into,
      strip: 1,
      strict: true,
      noMtime: true,
      filter: (path, entry) =>
        entry instanceof ReadEntry && entry.type === "File" && entry.size <= (maxBytes(path) ?? -1),
    });
    for (const name of maxBytesOfFile.keys()) await stat(join(into, name));
  } catch (cause) {
    throw new QpruneError(
      `Cannot unpack ${[...maxBytesOfFile.keys()].join(", ")} from ${archive}: ${(cause as Error).message}.`,
      { cause },
    );
  }
};
