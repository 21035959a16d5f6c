import { join } from "node:path";
import type { DataSetInfo } from "../../data/data-set.js";
import {
  DEFAULT_IMAGE_SIZE,
  type ImageFolderOptions,
} from "../../data/image-folders/image-folder-options.js";
import { findCacheFolder, findHome } from "../../files/user-cache.js";
import type { WorkflowContext } from "../context.js";
import { machineMemory } from "./machine-memory.js";

/** Decoded images may fill this share of the memory; a net is trained beside them. */
const MEMORY_SHARE = 0.25;

/** How a command reads folders of images, but for what its flags say of them. */
export const imageFolders = (
  { env, signal, onEvent }: Omit<WorkflowContext, "now">,
  { num_workers: workers }: { readonly num_workers: number },
): Omit<ImageFolderOptions, "imageSize" | "crop" | "mirror" | "maxDamaged"> => {
  const cache = findCacheFolder({ env, homeFolder: findHome() });
  return {
    workers,
    memoryBytes: MEMORY_SHARE * machineMemory(),
    cacheFolder: cache && join(cache, "images"),
    notify: (text) => onEvent({ kind: "message", text }),
    signal,
  };
};

/** How the images are read that a net's file tells of. */
export const toldImageFolders = (
  context: Omit<WorkflowContext, "now">,
  options: { readonly num_workers: number; readonly max_damaged: number },
  netDataSet: DataSetInfo,
): ImageFolderOptions => ({
  ...imageFolders(context, options),
  netDataSet,
  imageSize: DEFAULT_IMAGE_SIZE,
  crop: "resized",
  mirror: netDataSet.augmentation.mirror,
  maxDamaged: options.max_damaged,
});
