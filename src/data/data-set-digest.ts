import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileDigest } from "../files/file-digest.js";
import { CIFAR, type Cifar } from "./cifar/cifar.js";
import { DIGITS_FOLDER } from "./digits.js";
import { imageFoldersDigest } from "./image-folders/image-folders-digest.js";
import { findCifar, type LoadDataSetOptions } from "./load-data-set.js";

type Place = Pick<LoadDataSetOptions, "name" | "directory" | "parts">;

const digitFiles = (parts: Place["parts"]): string[] => {
  const names = parts === "test only" ? ["t10k"] : ["train", "t10k"];
  return names.flatMap((part) =>
    [`${part}-images-idx3-ubyte.gz`, `${part}-labels-idx1-ubyte.gz`].map((file) =>
      join(DIGITS_FOLDER, file),
    ),
  );
};

const cifarFiles = async (cifar: Cifar, place: Place): Promise<string[]> => {
  const { folder, trainFiles, testFile } = await findCifar(cifar, place);
  const files = place.parts === "test only" ? [testFile] : [...trainFiles, testFile];
  return files.map((file) => join(folder, file));
};

const digestsOf = async (place: Place): Promise<(string | undefined)[]> => {
  const { name, parts } = place;
  if (name === "images") return [await imageFoldersDigest(place)];
  const files = name === "digits" ? digitFiles(parts) : await cifarFiles(CIFAR[name], place);
  return Promise.all(files.map(fileDigest));
};

/**
 * SHA-256 of a data set's files, the same wherever they lie; those past a limit that are not there do not count.
 * Own images are told by their names, sizes and times of change.
 * @throws QpruneError (usage) where there is no data at all.
 */
export const dataSetDigest = async (place: Place): Promise<string> =>
  createHash("sha256")
    .update(JSON.stringify([place.name, place.parts, await digestsOf(place)]))
    .digest("hex");
