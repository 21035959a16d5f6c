import type { SourceLocation } from "../source-location.js";
import type { StageDraft } from "./stage.js";

/** A file that a stage reads by its path. */
export interface OptionFile {
  readonly key: string;
  readonly path: string;
  readonly location: SourceLocation;
  /** The dict of tensors to read, if the stage names one. */
  readonly dict?: string | undefined;
}

/** The files that a stage reads, apart from outputs of other stages: inputs by path, and the net description of `arch`. */
export const optionFiles = ({
  inputs,
  given,
  location,
  valueLocations,
}: StageDraft): OptionFile[] => {
  const dict = typeof given.key === "string" ? given.key : undefined;
  // The option chooses a dict of the net that is trained, not of the one that it learns from.
  const dictOf = (input: string) => (input === "teacher" ? {} : { dict });
  const byPath = inputs.flatMap((input) =>
    input.from.kind === "file"
      ? [{ key: input.key, path: input.from.path, location: input.location, ...dictOf(input.key) }]
      : [],
  );
  const { arch } = given;
  const isFile = typeof arch === "string" && arch.endsWith(".json");
  return isFile
    ? [...byPath, { key: "arch", path: arch, location: valueLocations.arch ?? location }]
    : byPath;
};
