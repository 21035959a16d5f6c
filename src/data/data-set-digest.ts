import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileDigest } from "../files/file-digest.js";
import { CIFAR } from "./cifar.js";
import { DIGITS_FOLDER } from "./digits.js";
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

const filesOf = async ({ name, directory, parts }: Place): Promise<string[]> => {
  if (name === "digits") return digitFiles(parts);
  const { folder, trainFiles, testFile } = await findCifar(CIFAR[name], { directory, parts });
  const files = parts === "test only" ? [testFile] : [...trainFiles, testFile];
  return files.map((file) => join(folder, file));
};

/**
 * SHA-256 of a data set's files, the same wherever they lie; those past a limit that are not there do not count.
 * @throws QpruneError (usage) where there is no data at all.
 */
export const dataSetDigest = async (place: Place): Promise<string> => {
  const digests = await Promise.all((await filesOf(place)).map(fileDigest));
  return createHash("sha256")
    .update(JSON.stringify([place.name, place.parts, digests]))
    .digest("hex");
};
