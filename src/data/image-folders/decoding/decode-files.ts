import type { FilePath } from "../../../files/file-path.js";
import { DamagedImage } from "./damaged-image.js";
import { type DecodedImage, decodeImage, type ImageView } from "./decode-image.js";
import { loadSharp } from "./load-sharp.js";

/** Files to be decoded, all in the same way. */
export interface DecodeJob {
  /** Bytes of a path arrive in another thread as a plain Uint8Array. */
  readonly paths: readonly (FilePath | Uint8Array)[];
  readonly view: ImageView;
}

/** For each file its image, or what is wrong with it. */
export type DecodeResult = readonly (DecodedImage | { readonly damage: string })[];

/** Decodes a few files one after the other. */
export const decodeFiles = async ({ paths, view }: DecodeJob): Promise<DecodeResult> => {
  const sharp = await loadSharp();
  // Every thread decodes one image at a time and never the same one again.
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
