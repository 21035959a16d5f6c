import type { FilePath } from "../../../files/file-path.js";
import { loadSharp } from "./load-sharp.js";
import { readImageFile } from "./read-image-file.js";

/**
 * The sides of an image file in pixels, upright; undefined if it cannot be read.
 * @throws QpruneError if the decoder is not installed.
 */
export const readImageSides = async (
  path: FilePath,
): Promise<{ readonly width: number; readonly height: number } | undefined> => {
  const sharp = await loadSharp();
  try {
    const { autoOrient } = await sharp((await readImageFile(path)).bytes).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch {
    return undefined;
  }
};
