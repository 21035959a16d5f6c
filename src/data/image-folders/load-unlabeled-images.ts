import { visibleText } from "../../base/visible-text.js";
import type { DataSetInfo, ImageSet } from "../data-set.js";
import { viewForNet } from "./decoding/image-view.js";
import { excludeDamaged } from "./exclude-damaged.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import { isImageName } from "./listing/image-names.js";
import { readEntries } from "./listing/read-entries.js";
import { loadImages } from "./load-images.js";

/** Whether a folder contains images, but no folders, which could be classes or parts. */
export const hasOnlyImages = async (folder: string): Promise<boolean> => {
  const entries = await readEntries(folder, isImageName);
  return (
    entries.every(({ kind }) => kind !== "folder") && entries.some(({ name }) => isImageName(name))
  );
};

/**
 * Reads images that lie in a folder without classes, as a net sees the images that it is tested on. Their labels have no meaning. Damaged
 * images are reported and left out.
 * @param used the indices of the images to read, in the order of their names, of so many
 * @throws QpruneError if the folder cannot be read (usage), or if more images are damaged than allowed.
 */
export const loadUnlabeledImages = async (
  folder: string,
  net: DataSetInfo,
  options: ImageFolderOptions,
  used: (count: number) => Uint32Array,
): Promise<ImageSet> => {
  const found = (await readEntries(folder, isImageName)).filter(({ name }) => isImageName(name));
  const files = Array.from(used(found.length), (index) => {
    const { name, path } = found[index] as (typeof found)[number];
    return { name, path, label: 0 };
  });
  const view = viewForNet(net);
  const loaded = await loadImages(files, view, options);
  const where = `images in ${visibleText(folder)}`;
  // They have the size of the net's input already.
  return { ...excludeDamaged(files, [], where, view, loaded, options), squeezed: undefined };
};
