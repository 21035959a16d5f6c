import type { Where } from "../where.js";
import type { StageDraft } from "./stage.js";

/** A file that a stage reads and no stage writes. */
export interface OptionFile {
  readonly key: string;
  readonly path: string;
  readonly where: Where;
  /** Which of its dicts of tensors is read, where the stage says so. */
  readonly dict?: string | undefined;
}

/** The files that a stage reads besides those of other stages: its inputs by path, and the net of `arch`. */
export const optionFiles = ({ inputs, given, where, places }: StageDraft): OptionFile[] => {
  const dict = typeof given.key === "string" ? given.key : undefined;
  const byPath = inputs.flatMap(({ key, from, where: at }) =>
    from.kind === "file" ? [{ key, path: from.path, where: at, dict }] : [],
  );
  const { arch } = given;
  const isFile = typeof arch === "string" && arch.endsWith(".json");
  return isFile ? [...byPath, { key: "arch", path: arch, where: places.arch ?? where }] : byPath;
};
