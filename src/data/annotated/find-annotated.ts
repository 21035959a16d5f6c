import type { AnnotatedFolder } from "./annotated-images.js";
import { findCoco } from "./coco/find-coco.js";
import { findVoc } from "./voc/find-voc.js";
import { findYolo } from "./yolo/find-yolo.js";

/**
 * Finds the annotations in a folder, in the order COCO, Pascal VOC, YOLO; undefined if it has none.
 * @throws QpruneError if a data.yaml is damaged.
 */
export const findAnnotated = async (folder: string): Promise<AnnotatedFolder | undefined> => {
  for (const find of [findCoco, findVoc, findYolo]) {
    const found = await find(folder);
    if (found) return found;
  }
  return undefined;
};
