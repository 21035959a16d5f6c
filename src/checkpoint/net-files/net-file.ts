import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";

/** Formats of files of nets, with their file name extensions. */
export const NET_FILE_SUFFIXES = {
  safetensors: [".safetensors"],
  pth: [".pth", ".pt"],
} as const;

export type NetFileFormat = keyof typeof NET_FILE_SUFFIXES;

/** Content of a file of a net, independent of its format. */
export interface NetFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Widths recorded by a .pth file; they must match its tensors. */
  readonly cfg?: readonly number[] | undefined;
  /** Test accuracy in percent, as the reference scripts record it; qprune's files record theirs in the manifest. */
  readonly bestAccuracy?: number | undefined;
}

/** Metadata key of a best accuracy that was read from a .pth file of the reference scripts. */
export const BEST_ACCURACY_KEY = "best_acc";

/** The format of a file name's extension; undefined for other extensions. */
export const formatOfName = (path: string): NetFileFormat | undefined => {
  const formats = Object.keys(NET_FILE_SUFFIXES) as NetFileFormat[];
  return formats.find((format) =>
    NET_FILE_SUFFIXES[format].some((suffix) => path.endsWith(suffix)),
  );
};
