import { QpruneError } from "../../../base/errors.js";
import { describeFileKind, KIND_BYTES } from "../../../formats/describe-file-kind.js";
import { isDict, type PickleDict } from "../../../formats/pickle/pickle-value.js";
import { readPickle } from "../../../formats/pickle/read-pickle.js";
import { CIFAR_IMAGE_BYTES, type Cifar } from "../cifar.js";
import { arrayContent, type NumpyObject, numpyDialect } from "./numpy-dialect.js";

/** The images and labels of one file of the Python version. */
export interface CifarPickle {
  readonly count: number;
  /** The red, green and blue planes, image by image; a view of the file's bytes. */
  readonly planes: Uint8Array;
  /** For each kind of label, in the order of the data set's labelBytes, one value per image. */
  readonly labels: readonly (readonly unknown[])[];
}

/** Most bytes per image: Python 3 may store pixels as text with two bytes each; a label and a name are added. */
const MAX_BYTES_PER_IMAGE = 2 * CIFAR_IMAGE_BYTES + 512;
/** Most bytes outside the images: keys, and the file's own title. */
const MAX_BYTES_AROUND = 4096;

/** The largest size of a file with this many images. */
export const maxCifarPickleBytes = (images: number): number =>
  images * MAX_BYTES_PER_IMAGE + MAX_BYTES_AROUND;

/** The error for a file that is not a valid file of the Python version. */
export const notCifarPickle = (
  cifar: Cifar,
  path: string,
  reason: string,
  hint?: string | undefined,
): QpruneError =>
  new QpruneError(`${path} is not a file of the Python version of ${cifar.title}: ${reason}.`, {
    ...(hint === undefined && {
      code: "cifar-python-damaged",
      details: { archive: cifar.archive.file },
    }),
    hint: hint ?? `Unpack its archive again, or get the binary version (${cifar.archive.file}).`,
  });

type Refuse = (reason: string) => QpruneError;

const planesOf = ({ entries }: PickleDict<NumpyObject>, refuse: Refuse): Uint8Array => {
  const content = arrayContent(entries.get("data"));
  if (!content) throw refuse("it has no array of images under the key data");
  const { shape, dtype, bytes } = content;
  const [count = 0, width] = shape;
  const isWhole = shape.length === 2 && width === CIFAR_IMAGE_BYTES && dtype === "u1";
  if (isWhole && bytes.length === count * CIFAR_IMAGE_BYTES) return bytes;
  throw refuse(
    `its images are ${bytes.length} bytes of shape [${shape.slice(0, 4)}] and type ${JSON.stringify(dtype.slice(0, 8))}, expected [n,${CIFAR_IMAGE_BYTES}] of u1`,
  );
};

/**
 * Reads a file of the Python version of CIFAR: a pickled dict with the images as a NumPy byte array and lists of
 * labels. Nothing that the file names is imported or executed.
 * @throws QpruneError if it is damaged, contains anything else, or has more images than the authors' file.
 */
export const parseCifarPickle = (
  cifar: Cifar,
  bytes: Uint8Array,
  path: string,
  maxImages: number,
): CifarPickle => {
  const refuse = (reason: string): QpruneError => notCifarPickle(cifar, path, reason);
  const kind = describeFileKind(bytes.subarray(0, KIND_BYTES));
  if (kind) throw notCifarPickle(cifar, path, `it is ${kind.what}`, kind.hint);
  const dialect = numpyDialect("file of CIFAR", maxCifarPickleBytes(maxImages), refuse);
  const { value, end } = readPickle(bytes, 0, dialect);
  if (!isDict(value)) throw refuse("it contains no dict");
  if (end < bytes.length) throw refuse(`${bytes.length - end} bytes follow its pickle`);
  const planes = planesOf(value, refuse);
  const count = planes.length / CIFAR_IMAGE_BYTES;
  if (count === 0 || count > maxImages) {
    throw refuse(`it contains ${count} images, expected 1 to ${maxImages}`);
  }
  const labels = cifar.python.labelKeys.map((key) => {
    const list = value.entries.get(key);
    if (Array.isArray(list) && list.length === count) return list;
    throw refuse(`its ${key} are not a list of ${count} labels`);
  });
  return { count, planes, labels };
};
