import { join } from "node:path";
import type { DataSetInfo } from "../../data/data-set.js";
import {
  DEFAULT_IMAGE_SIZE,
  type ImageFolderOptions,
} from "../../data/image-folders/image-folder-options.js";
import { machineMemory } from "../../files/machine-memory.js";
import { findCacheFolder, findHome } from "../../files/user-cache.js";
import type { WorkflowContext } from "../context.js";

/** Decoded images may use this fraction of the memory; training needs the rest. */
const MEMORY_FRACTION = 0.25;

/** How workflows read image folders, apart from what options decide. */
export const imageFolders = (
  { env, signal, onEvent }: Omit<WorkflowContext, "now">,
  { num_workers: workers }: { readonly num_workers: number },
): Omit<ImageFolderOptions, "imageSize" | "crop" | "mirror" | "maxDamaged"> => {
  const cache = findCacheFolder({ env, homeFolder: findHome() });
  return {
    workers,
    memoryBytes: MEMORY_FRACTION * machineMemory(),
    cacheFolder: cache && join(cache, "images"),
    notify: (text) => onEvent({ kind: "message", text }),
    signal,
  };
};

/** How to read image folders for a net whose file records its images. */
export const recordedImageFolders = (
  context: Omit<WorkflowContext, "now">,
  options: { readonly num_workers: number; readonly max_damaged: number },
  recorded: DataSetInfo,
): ImageFolderOptions => ({
  ...imageFolders(context, options),
  netDataSet: recorded,
  imageSize: DEFAULT_IMAGE_SIZE,
  crop: "resized",
  mirror: recorded.augmentation.mirror,
  maxDamaged: options.max_damaged,
});
