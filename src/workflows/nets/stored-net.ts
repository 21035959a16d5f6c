import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { NetSpec } from "../../models/spec.js";
import type { ArchChoice } from "../../options/arch-choice.js";
import { netOfArch } from "./net-of-arch.js";
import { storedSpec } from "./stored-spec.js";

/** A file with the net that it holds. */
export interface StoredNet {
  readonly checkpoint: Checkpoint;
  readonly spec: NetSpec;
}

/** What the user says of a file that does not record it. */
interface NetChoice {
  readonly arch?: ArchChoice | undefined;
  /** The dict of tensors to take from a .pth. */
  readonly key?: string | undefined;
}

/**
 * Reads a file of any form. One that does not record its net is a state dict of a built-in net, or of the one
 * that `arch` names.
 * @throws QpruneError for a file that is damaged or holds another net, and for `arch` where the file records its net.
 */
export const readStoredNet = async (
  path: string,
  { arch, key }: NetChoice = {},
): Promise<StoredNet> => {
  const described = arch === undefined ? undefined : await netOfArch(arch);
  const checkpoint = await loadCheckpoint(path, { described, key });
  if (described && checkpoint.manifest) {
    throw new QpruneError(`${path} records its own net, ${checkpoint.net.arch}.`, {
      kind: "usage",
      hint: `Leave ${option("arch")} out; it is for state dicts that record no architecture.`,
    });
  }
  return { checkpoint, spec: storedSpec(checkpoint) };
};
