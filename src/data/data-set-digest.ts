import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileDigest } from "../files/reading/file-digest.js";
import { annotatedFolderDigest } from "./annotated/load-annotated.js";
import { CIFAR, type Cifar } from "./cifar/cifar.js";
import { DIGITS_FOLDER } from "./digits.js";
import { imageFoldersDigest } from "./image-folders/image-folders-digest.js";
import { findCifar, type LoadDataSetOptions } from "./load-data-set.js";

type Source = Pick<LoadDataSetOptions, "name" | "directory" | "parts">;

const digitFiles = (parts: Source["parts"]): string[] => {
  const names = parts === "test only" ? ["t10k"] : ["train", "t10k"];
  return names.flatMap((part) =>
    [`${part}-images-idx3-ubyte.gz`, `${part}-labels-idx1-ubyte.gz`].map((file) =>
      join(DIGITS_FOLDER, file),
    ),
  );
};

const cifarFiles = async (cifar: Cifar, source: Source): Promise<string[]> => {
  const { folder, trainFiles, testFile } = await findCifar(cifar, source);
  const files = source.parts === "test only" ? [testFile] : [...trainFiles, testFile];
  return files.map((file) => join(folder, file));
};

const digestsOf = async (source: Source): Promise<(string | undefined)[]> => {
  const { name, parts } = source;
  if (name === "images") return [await imageFoldersDigest(source)];
  if (name === "boxes") return [await annotatedFolderDigest(source)];
  const isDigits = name === "digits" || name === "digits-detection";
  const files = isDigits ? digitFiles(parts) : await cifarFiles(CIFAR[name], source);
  return Promise.all(files.map((path) => fileDigest(path)));
};

/**
 * SHA-256 of a data set's files, independent of their folder. Missing files past a limit are ignored. Your own images
 * are identified by names, sizes and modification times.
 * @throws QpruneError (usage) if there is no data at all.
 */
export const dataSetDigest = async (source: Source): Promise<string> =>
  createHash("sha256")
    .update(JSON.stringify([source.name, source.parts, await digestsOf(source)]))
    .digest("hex");
