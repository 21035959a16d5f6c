import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { NetSpec } from "../../models/net-spec.js";
import type { ArchChoice } from "../../options/values/arch-choice.js";
import { netOfArch } from "./net-of-arch.js";
import { netFileOf } from "./shipped-net.js";
import { storedSpec } from "./stored-spec.js";

/** A model file with its net. */
export interface StoredNet {
  readonly checkpoint: Checkpoint;
  readonly spec: NetSpec;
}

/** What the user specifies about a file. */
interface NetChoice {
  readonly arch?: ArchChoice | undefined;
  /** The dict of tensors to read from a .pth file. */
  readonly key?: string | undefined;
}

/**
 * Reads a model file of any form, or a net that ships with the package by its name. A file that does not record its net must be a state dict of a built-in net, or of the
 * net that `arch` names.
 * @throws QpruneError if the file is damaged or contains another net, or if `arch` is given for a file that records its net.
 */
export const readStoredNet = async (
  asked: string,
  { arch, key }: NetChoice = {},
): Promise<StoredNet> => {
  const path = await netFileOf(asked);
  const described = arch === undefined ? undefined : await netOfArch(arch);
  const checkpoint = await loadCheckpoint(path, { described, key });
  if (described && checkpoint.manifest) {
    throw new QpruneError(`${path} records its own net, ${checkpoint.net.arch}.`, {
      kind: "usage",
      hint: `Omit ${option("arch")}; it is for state dicts that record no architecture.`,
    });
  }
  return { checkpoint, spec: storedSpec(checkpoint) };
};
