import { dirname } from "node:path";
import type { z } from "zod";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { checkpointFile } from "../../checkpoint/checkpoint-file.js";
import { encodeStateFile } from "../../checkpoint/encode-state-file.js";
import { formatOfName, type StateFileFormat } from "../../checkpoint/state-file.js";
import { writeFileAtomically } from "../../files/write-file-atomically.js";
import { isArchitectureName } from "../../models/architectures.js";
import type { NetDescription } from "../../models/net-description.js";
import type { convertOptions } from "../../options/commands/convert-options.js";
import type { Call } from "../call.js";
import type { WorkflowContext } from "../context.js";
import { netOfArch } from "../nets/net-of-arch.js";
import { checkFolder, checkPlainFile, checkSuffix } from "../outputs/check-output-place.js";
import { callsThatMade, writeProvenance } from "../outputs/provenance.js";

type ConvertOptions = z.output<typeof convertOptions>;

/** What a conversion wrote. */
export interface ConvertResult {
  readonly file: string;
  readonly format: StateFileFormat;
  readonly arch: string;
  readonly sequence: string;
  readonly cfg: readonly number[];
  readonly classes: number;
  readonly tensors: number;
  readonly bytes: number;
  /** Whether the file records what qprune knows of its net: quantization, data set, epoch. */
  readonly hasManifest: boolean;
}

const checkOut = async ({ out, force }: ConvertOptions): Promise<void> => {
  checkSuffix(out, "OUT");
  await checkFolder(dirname(out), "OUT");
  if ((await checkPlainFile(out, "OUT")) && !force) {
    throw usageError(
      `${out} exists already.`,
      `Choose another name, or replace it with ${option("force")}.`,
    );
  }
};

/** The net of a state dict that records none, where `arch` describes it. */
const describedNet = async ({ arch }: ConvertOptions): Promise<NetDescription | undefined> =>
  arch === undefined || isArchitectureName(arch) ? undefined : netOfArch(arch);

const readIn = async (
  { in: path, arch, key }: ConvertOptions,
  described: NetDescription | undefined,
): Promise<Checkpoint> => {
  const checkpoint = await loadCheckpoint(path, { described, key });
  if (arch !== undefined && isArchitectureName(arch) && checkpoint.net.arch !== arch) {
    throw usageError(
      `${option("arch")} is ${arch}, but ${path} holds ${checkpoint.net.arch}.`,
      `Leave ${option("arch")} out: the file records its net.`,
    );
  }
  return checkpoint;
};

/**
 * Reads a net's file in either format and writes it in the one that the new name asks for. Needs no engine.
 * @throws QpruneError for files that cannot be read or written.
 */
export const convertModel = async (
  { options, argv }: Call<typeof convertOptions>,
  context: WorkflowContext,
): Promise<ConvertResult> => {
  await checkOut(options);
  const { out, sequence } = options;
  const described = await describedNet(options);
  const checkpoint = await readIn(options, described);
  const { net, manifest, state } = checkpoint;
  const format = formatOfName(out) ?? "safetensors";
  const chunks = encodeStateFile(format, checkpointFile(checkpoint, sequence));
  const origin = await callsThatMade(checkpoint);
  await writeFileAtomically(out, chunks);
  await writeProvenance(out, { argv, options, origin, described }, context);
  return {
    file: out,
    format,
    arch: net.arch,
    sequence: sequence ?? net.sequence,
    cfg: net.widths,
    classes: net.classes,
    tensors: state.size,
    bytes: chunks.reduce((sum, { length }) => sum + length, 0),
    hasManifest: manifest !== undefined,
  };
};
