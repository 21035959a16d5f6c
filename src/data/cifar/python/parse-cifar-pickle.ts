import { QpruneError } from "../../../base/errors.js";
import { describeFileKind, KIND_BYTES } from "../../../formats/describe-file-kind.js";
import { isDict, type PickleDict } from "../../../formats/pickle/pickle-value.js";
import { readPickle } from "../../../formats/pickle/read-pickle.js";
import { CIFAR_IMAGE_BYTES, type Cifar } from "../cifar.js";
import { arrayContent, type NumpyObject, numpyDialect } from "./numpy-dialect.js";

/** The images of one file of the Python version, with their labels. */
export interface CifarPickle {
  readonly count: number;
  /** Red, green and blue plane of image after image; a view of the file. */
  readonly planes: Uint8Array;
  /** For each kind of label, in the order of the data set's labelBytes, one for each image. */
  readonly labels: readonly (readonly unknown[])[];
}

/** The most that one image takes: text of Python 3 has two bytes for most pixels; a label and a name follow. */
const MAX_BYTES_PER_IMAGE = 2 * CIFAR_IMAGE_BYTES + 512;
/** What surrounds the images: keys, and the file's own title. */
const MAX_BYTES_AROUND = 4096;

/** The largest file that can hold that many images. */
export const maxCifarPickleBytes = (images: number): number =>
  images * MAX_BYTES_PER_IMAGE + MAX_BYTES_AROUND;

/** The error for a file that is none of the Python version. */
export const noCifarPickle = (
  cifar: Cifar,
  path: string,
  reason: string,
  hint?: string | undefined,
): QpruneError =>
  new QpruneError(`${path} is no file of the Python version of ${cifar.title}: ${reason}.`, {
    hint:
      hint ??
      `Unpack its archive again, or fetch the binary version (${cifar.archive.file}) with --download.`,
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
 * Reads a file of the Python version of CIFAR: a pickled dict with the images as a NumPy array of bytes
 * and lists of labels. Nothing that the file names is imported or executed.
 * @throws QpruneError where it is damaged, holds anything else, or more images than the authors' file.
 */
export const parseCifarPickle = (
  cifar: Cifar,
  bytes: Uint8Array,
  path: string,
  maxImages: number,
): CifarPickle => {
  const refuse = (reason: string): QpruneError => noCifarPickle(cifar, path, reason);
  const kind = describeFileKind(bytes.subarray(0, KIND_BYTES));
  if (kind) throw noCifarPickle(cifar, path, `it is ${kind.what}`, kind.hint);
  const dialect = numpyDialect("file of CIFAR", maxCifarPickleBytes(maxImages), refuse);
  const { value, end } = readPickle(bytes, 0, dialect);
  if (!isDict(value)) throw refuse("it holds no dict");
  if (end < bytes.length) throw refuse(`${bytes.length - end} bytes follow its pickle`);
  const planes = planesOf(value, refuse);
  const count = planes.length / CIFAR_IMAGE_BYTES;
  if (count === 0 || count > maxImages) {
    throw refuse(`it holds ${count} images, expected 1 to ${maxImages}`);
  }
  const labels = cifar.python.labelKeys.map((key) => {
    const list = value.entries.get(key);
    if (Array.isArray(list) && list.length === count) return list;
    throw refuse(`its ${key} are no list of ${count} labels`);
  });
  return { count, planes, labels };
};
