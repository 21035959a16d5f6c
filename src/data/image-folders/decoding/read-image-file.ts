import { readFile, stat } from "node:fs/promises";
import type { FilePath } from "../../../files/file-path.js";
import { statReason } from "../../../files/stat-reason.js";
import { DamagedImage } from "./damaged-image.js";
import { fileFormat, type ImageFormat } from "./file-format.js";

/** A file is held in memory by each thread; photographs of hundreds of megapixels are smaller. */
const MAX_IMAGE_BYTES = 256 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

/** An image as its file holds it. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
}

const checkSize = ({ size }: { readonly size: number }): void => {
  if (size <= MAX_IMAGE_BYTES) return;
  throw new DamagedImage(
    `it has ${Math.ceil(size / MEGABYTE)} MiB, and the limit is ${MAX_IMAGE_BYTES / MEGABYTE}: save it smaller or compressed`,
  );
};

/**
 * Reads an image whose format is decoded; the first bytes decide, not the name.
 * @throws DamagedImage where the system does not give it, and where it is something else, which is named.
 */
export const readImageFile = async (path: FilePath): Promise<ImageFile> => {
  const refuse = async (cause: Error): Promise<never> => {
    throw new DamagedImage(await statReason(path, cause));
  };
  const found = await stat(path).catch(refuse);
  if (!found.isFile()) throw new DamagedImage("it is no plain file");
  checkSize(found);
  const bytes = await readFile(path).catch(refuse);
  if (bytes.length === 0) throw new DamagedImage("it is empty");
  const kind = fileFormat(bytes);
  if ("foreign" in kind) throw new DamagedImage(`it is ${kind.foreign}`);
  return { bytes, format: kind.format };
};
