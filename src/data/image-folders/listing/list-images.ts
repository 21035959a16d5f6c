import { join } from "node:path";
import { usageError } from "../../../core/errors.js";
import { foldersIn, namesIn } from "./image-layout.js";

/** A file that is used, named by its class folder and its own name. */
export interface ListedImage {
  /** CLASS/NAME */
  readonly name: string;
  readonly path: string;
  /** An index into the class names. */
  readonly label: number;
}

/** The class folders of a folder with their files. */
export interface ImageList {
  readonly folder: string;
  readonly classNames: readonly string[];
  /** One list a class, in the order of the names. */
  readonly byClass: readonly (readonly ListedImage[])[];
  /** Files and folders in class folders that are no images by their names. */
  readonly others: readonly string[];
}

const checkClasses = ({ folder, classNames, byClass }: ImageList): void => {
  if (classNames.length < 2) {
    throw usageError(
      `${folder} has ${classNames.length === 1 ? `the single class ${classNames[0]}` : "no classes"}: a net tells at least two apart.`,
      "Put the images of each class into a folder of its own.",
    );
  }
  const empty = classNames.filter((_, at) => byClass[at]?.length === 0);
  if (empty.length === 0) return;
  throw usageError(
    `${folder}: ${empty.length === 1 ? "the class" : "the classes"} ${empty.join(", ")} ${empty.length === 1 ? "has" : "have"} no .jpg, .png or .webp files.`,
    "Put images there, or remove the folder.",
  );
};

/**
 * Lists the class folders of a folder and their images, both in the order of their names.
 * @throws QpruneError (usage) for fewer than two classes and for an empty one.
 */
export const listImages = async (folder: string): Promise<ImageList> => {
  const classNames = await foldersIn(folder);
  const others: string[] = [];
  const byClass: ListedImage[][] = [];
  for (const [label, className] of classNames.entries()) {
    const found = await namesIn(join(folder, className));
    others.push(...found.others.map((name) => `${className}/${name}`));
    byClass.push(
      found.images.map((name) => ({
        name: `${className}/${name}`,
        path: join(folder, className, name),
        label,
      })),
    );
  }
  const list = { folder, classNames, byClass, others };
  checkClasses(list);
  return list;
};
