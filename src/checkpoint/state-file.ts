import type { StoredTensor } from "../formats/safetensors/stored-tensor.js";

/** The formats that files of nets have, with the endings of their names. */
export const STATE_FILE_SUFFIXES = {
  safetensors: [".safetensors"],
  pth: [".pth", ".pt"],
} as const;

export type StateFileFormat = keyof typeof STATE_FILE_SUFFIXES;

/** What a file of a net holds, whatever its format. */
export interface StateFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Widths that a .pth tells; they must be those of its tensors. */
  readonly cfg?: readonly number[] | undefined;
  /** Percent of the test images that the original's scripts tell; qprune's own manifest tells more. */
  readonly bestAccuracy?: number | undefined;
}

/** The metadata key of a best accuracy that came out of a .pth; qprune's own files tell theirs in the manifest. */
export const BEST_ACCURACY_KEY = "best_acc";

/** The format that a file's name asks for; undefined for every other name. */
export const formatOfName = (path: string): StateFileFormat | undefined => {
  const formats = Object.keys(STATE_FILE_SUFFIXES) as StateFileFormat[];
  return formats.find((format) =>
    STATE_FILE_SUFFIXES[format].some((suffix) => path.endsWith(suffix)),
  );
};
