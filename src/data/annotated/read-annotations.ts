import { open } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { visibleText } from "../../base/visible-text.js";
import { withOpenFile } from "../../files/reading/with-open-file.js";

const MEGABYTE = 1024 * 1024;

/** The error for annotations that are damaged, or are not what they have to be; `where` names a line or an entry. */
export const annotationError = (
  path: string,
  problem: string,
  hint: string,
  where?: string | number,
): QpruneError => {
  const place = where === undefined ? "" : typeof where === "number" ? `:${where}` : `, ${where}`;
  return new QpruneError(`${visibleText(`${path}${place}`)}: ${problem}.`, {
    hint,
    code: "annotations-damaged",
  });
};

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a text of annotations, without its byte order mark.
 * @param mostBytes larger files are refused before they are read
 * @throws QpruneError if it is too large, cannot be read, or is not UTF-8.
 */
export const readAnnotations = (path: string, mostBytes: number): Promise<string> =>
  withOpenFile(path, async ({ size, read }) => {
    if (size > mostBytes) {
      const [has, most] = [size, mostBytes].map((bytes) => Math.ceil(bytes / MEGABYTE));
      throw annotationError(
        path,
        `it has ${has} MiB, more than the limit of ${most} MiB`,
        "Split it into smaller files, or remove what boxes do not need, such as segmentations.",
      );
    }
    try {
      return decoder.decode(await read(0, size));
    } catch (cause) {
      if (cause instanceof QpruneError) throw cause;
      throw annotationError(path, "it is not UTF-8 text", "Save it as UTF-8.");
    }
  });

/** The first bytes of a file as text, to recognize what it is; empty if it cannot be read. */
export const beginningOf = async (path: string, bytes: number): Promise<string> => {
  const handle = await open(path, "r").catch(() => undefined);
  if (!handle) return "";
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } catch {
    return "";
  } finally {
    await handle.close();
  }
};
