import { join } from "node:path";
import { visibleText } from "../../base/visible-text.js";
import type { DataSetInfo } from "../../data/data-set.js";
import {
  DEFAULT_IMAGE_SIZE,
  type ImageFolderOptions,
} from "../../data/image-folders/image-folder-options.js";
import { findCacheFolder, findHome } from "../../files/user-cache.js";
import type { CommandContext } from "../../cli/command.js";
import { machineMemory } from "./machine-memory.js";

/** Decoded images may fill this share of the memory; a net is trained beside them. */
const MEMORY_SHARE = 0.25;

/** How a command reads folders of images, but for what its flags say of them. */
export const imageFolders = (
  { env, signal, stderr }: Pick<CommandContext, "env" | "signal" | "stderr">,
  { num_workers: workers }: { readonly num_workers: number },
): Omit<ImageFolderOptions, "imageSize" | "crop" | "mirror" | "maxDamaged"> => {
  const cache = findCacheFolder({ env, homeFolder: findHome() });
  return {
    workers,
    memoryBytes: MEMORY_SHARE * machineMemory(),
    cacheFolder: cache && join(cache, "images"),
    notify: (line) => stderr.write(`${visibleText(line)}\n`),
    signal,
  };
};

/** How the images are read that a net's file tells of. */
export const toldImageFolders = (
  context: Pick<CommandContext, "env" | "signal" | "stderr">,
  options: { readonly num_workers: number; readonly max_damaged: number },
  told: DataSetInfo,
): ImageFolderOptions => ({
  ...imageFolders(context, options),
  told,
  imageSize: DEFAULT_IMAGE_SIZE,
  crop: "resized",
  mirror: told.augmentation.mirror,
  maxDamaged: options.max_damaged,
});
