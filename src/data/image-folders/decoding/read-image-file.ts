import { readFile, stat } from "node:fs/promises";
import type { FilePath } from "../../../files/file-path.js";
import { statReason } from "../../../files/reading/stat-reason.js";
import { DamagedImage } from "./damaged-image.js";
import { fileFormat, type ImageFormat } from "./file-format.js";

/** Each thread holds a file in memory; photographs of hundreds of megapixels are smaller. */
const MAX_IMAGE_BYTES = 256 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

/** The bytes of an image file and its format. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
}

const checkSize = ({ size }: { readonly size: number }): void => {
  if (size <= MAX_IMAGE_BYTES) return;
  throw new DamagedImage(
    `it has ${Math.ceil(size / MEGABYTE)} MiB, and the limit is ${MAX_IMAGE_BYTES / MEGABYTE}: save it at a smaller size or compressed`,
  );
};

/**
 * Reads an image file of a supported format. The first bytes decide, not the name.
 * @throws DamagedImage if the system cannot read it or if it is something else; the message names what.
 */
export const readImageFile = async (path: FilePath): Promise<ImageFile> => {
  const refuse = async (cause: Error): Promise<never> => {
    throw new DamagedImage(await statReason(path, cause));
  };
  const found = await stat(path).catch(refuse);
  if (!found.isFile()) throw new DamagedImage("it is not a regular file");
  checkSize(found);
  const bytes = await readFile(path).catch(refuse);
  if (bytes.length === 0) throw new DamagedImage("it is empty");
  const kind = fileFormat(bytes);
  if ("foreign" in kind) throw new DamagedImage(`it is ${kind.foreign}`);
  return { bytes, format: kind.format };
};
