import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { CIFAR } from "../../data/cifar/cifar.js";
import { type DataSetInfo, OWN_IMAGES } from "../../data/data-set.js";
import { DIGITS_INFO } from "../../data/digits.js";
import { DEFAULT_IMAGE_SIZE } from "../../data/image-folders/image-folder-options.js";
import { exists } from "../../files/exists.js";
import type { TestOptions } from "../../options/commands/test-options.js";
import { storedDataSetInfo } from "../../workflows/nets/stored-spec.js";
import { fileHistory } from "../../workflows/outputs/file-history.js";

/** Stands for a folder that nothing tells. */
const SOME_FOLDER = "DIR";

/** How a call named its images. */
interface NamedImages {
  readonly options: Pick<TestOptions, "data" | "dataset">;
  readonly given: ReadonlySet<string>;
}

/** The folder of the images that a file was trained or tested on, where its history tells it and it is there. */
const toldFolder = async (file: Checkpoint, usual: string): Promise<string | undefined> => {
  const found = await fileHistory(file);
  if (found.kind !== "found") return undefined;
  const { run, options } = found.history;
  const { data } = options;
  // Training found its images there; another command may have left its test out.
  if (typeof data !== "string" || (run === null && data === usual)) return undefined;
  return (await exists(data)) ? data : undefined;
};

const folderFlags = async (
  { options, given }: NamedImages,
  checkpoint: Checkpoint,
): Promise<string[]> => {
  if (given.has("data")) return ["--data", options.data];
  const { name } = storedDataSetInfo(checkpoint);
  if ((options.dataset ?? name) === DIGITS_INFO.name) return [];
  const folder = await toldFolder(checkpoint, options.data);
  if (folder === undefined) return name === OWN_IMAGES ? ["--data", SOME_FOLDER] : [];
  return folder === options.data ? [] : ["--data", folder];
};

/** What a file that is trained on does not tell the training of its images, where the default is another. */
const toldFlags = ({ name, height }: DataSetInfo): string[] => {
  if (name === OWN_IMAGES) {
    return height === DEFAULT_IMAGE_SIZE ? [] : ["--image-size", String(height)];
  }
  return name === CIFAR.cifar10.info.name ? [] : ["--dataset", name];
};

/**
 * The flags that name a net's images in the call that is advised next: as the call under way named them, else as
 * the net's training did. A test takes from the file what training asks for by flags.
 */
export const nextDataFlags = async (
  call: NamedImages,
  checkpoint: Checkpoint,
  next: "test" | "train",
): Promise<string[]> => {
  const { dataset } = call.options;
  const asked = dataset === undefined ? [] : ["--dataset", dataset];
  const told =
    next === "train" && dataset === undefined ? storedDataSetInfo(checkpoint) : undefined;
  return [...(await folderFlags(call, checkpoint)), ...asked, ...(told ? toldFlags(told) : [])];
};
