import type { FilePath } from "../../../files/file-path.js";
import { DamagedImage } from "./damaged-image.js";
import { type DecodedImage, decodeImage } from "./decode-image.js";
import type { ImageView } from "./image-view.js";
import { loadSharp } from "./load-sharp.js";

/** Files to decode, all in the same way. */
export interface DecodeJob {
  /** A path that is a Buffer arrives in another thread as a plain Uint8Array. */
  readonly paths: readonly (FilePath | Uint8Array)[];
  readonly view: ImageView;
}

/** For each file its image, or why it cannot be used. */
export type DecodeResult = readonly (DecodedImage | { readonly damage: string })[];

/** Decodes a few files one after the other. @throws QpruneError if the decoder is not installed. */
export const decodeFiles = async ({ paths, view }: DecodeJob): Promise<DecodeResult> => {
  const sharp = await loadSharp();
  // A thread decodes one image at a time and never the same one twice.
  sharp.concurrency(1);
  sharp.cache(false);
  const result: (DecodedImage | { readonly damage: string })[] = [];
  for (const path of paths) {
    try {
      const filePath = typeof path === "string" ? path : Buffer.from(path);
      result.push(await decodeImage(sharp, filePath, view));
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error;
      result.push({ damage: error.message });
    }
  }
  return result;
};
