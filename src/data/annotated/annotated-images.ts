import type { LabeledBox } from "../../boxes/box.js";
import type { PartUse } from "../image-folders/listing/part-words.js";
import type { BoxTally } from "./box-tally.js";

/** An image file and the objects in it, as annotations describe them. */
export interface AnnotatedImage {
  /** The path from the folder of the data set, with slashes. */
  readonly name: string;
  readonly path: string;
  /** Width over height according to the annotations; undefined if they do not contain it. */
  readonly ratio?: number | undefined;
  /** In shares of the image's width and height. */
  readonly objects: readonly LabeledBox[];
}

/** The images of one part of a data set. */
export interface AnnotatedPart {
  readonly images: readonly AnnotatedImage[];
  readonly tally: BoxTally;
  /** What else the user should know. */
  readonly notes: readonly string[];
}

/** One part of a data set, which is read on demand. */
export interface PartSource {
  /** The file or folder that lists its images. */
  readonly where: string;
  /** @throws QpruneError that names the file and the line or entry, if annotations are damaged. */
  readonly read: () => Promise<AnnotatedPart & { readonly classNames: readonly string[] }>;
}

/** A folder of images with annotations in one of the supported formats. */
export interface AnnotatedFolder {
  readonly format: "COCO" | "Pascal VOC" | "YOLO";
  readonly folder: string;
  readonly parts: Readonly<Partial<Record<PartUse, PartSource>>>;
}
