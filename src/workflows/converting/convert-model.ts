import { dirname } from "node:path";
import type { z } from "zod";
import { usageError } from "../../base/errors.js";
import { jsonText } from "../../base/visible-text.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { checkpointFile } from "../../checkpoint/checkpoint-file.js";
import { encodeStateFile } from "../../checkpoint/encode-state-file.js";
import { formatOfName, type StateFileFormat } from "../../checkpoint/state-file.js";
import { writeFileAtomically } from "../../files/write-file-atomically.js";
import { isArchitectureName } from "../../models/architectures.js";
import type { NetDescription } from "../../models/net-description.js";
import type { convertOptions } from "../../options/commands/convert-options.js";
import type { Call, CommandContext } from "../../cli/command.js";
import { netOfArch } from "../nets/net-of-arch.js";
import { checkFolder, checkPlainFile, checkSuffix } from "../outputs/check-output-place.js";
import { callsThatMade, writeMadeHistory } from "../outputs/provenance.js";

type ConvertOptions = z.output<typeof convertOptions>;

/** What a conversion wrote. */
interface Converted {
  readonly file: string;
  readonly format: StateFileFormat;
  readonly arch: string;
  readonly sequence: string;
  readonly cfg: readonly number[];
  readonly classes: number;
  readonly tensors: number;
  readonly bytes: number;
  /** Whether the file tells what qprune knows of its net: quantization, data set, epoch. */
  readonly hasManifest: boolean;
}

const convertedText = (result: Converted): string => {
  const { file, arch, sequence, cfg, classes, tensors, bytes, hasManifest } = result;
  const net = `${arch} (${sequence}), cfg ${cfg.join(",")}, ${classes} classes`;
  const note = hasManifest ? "" : "It does not say how the net was quantized and trained.\n";
  return `Wrote ${file}: ${net}, ${tensors} tensors, ${bytes} bytes\n${note}`;
};

const checkOut = async ({ out, force }: ConvertOptions): Promise<void> => {
  checkSuffix(out, "OUT");
  await checkFolder(dirname(out), "OUT");
  if ((await checkPlainFile(out, "OUT")) && !force) {
    throw usageError(
      `${out} is there already.`,
      "Choose another name, or replace it with --force.",
    );
  }
};

/** The net of a state dict that does not tell its own, where --arch describes it. */
const describedNet = async ({ arch }: ConvertOptions): Promise<NetDescription | undefined> =>
  arch === undefined || isArchitectureName(arch) ? undefined : netOfArch(arch);

const readIn = async (
  { in: path, arch, key }: ConvertOptions,
  described: NetDescription | undefined,
): Promise<Checkpoint> => {
  const checkpoint = await loadCheckpoint(path, { described, key });
  if (arch !== undefined && isArchitectureName(arch) && checkpoint.net.arch !== arch) {
    throw usageError(
      `--arch is ${arch}, but ${path} holds ${checkpoint.net.arch}.`,
      "Leave --arch out: the file tells its net.",
    );
  }
  return checkpoint;
};

/** Reads a net's file in either format and writes it in the one that the new name asks for. Needs no engine. */
export const runConvert = async (
  { options, argv }: Call<typeof convertOptions>,
  context: CommandContext,
): Promise<void> => {
  await checkOut(options);
  const { out, sequence } = options;
  const described = await describedNet(options);
  const checkpoint = await readIn(options, described);
  const { net, manifest, state } = checkpoint;
  const format = formatOfName(out) ?? "safetensors";
  const chunks = encodeStateFile(format, checkpointFile(checkpoint, sequence));
  const origin = await callsThatMade(checkpoint);
  await writeFileAtomically(out, chunks);
  await writeMadeHistory(out, { argv, options, origin, described }, context);
  const result: Converted = {
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
  context.stdout.write(options.json ? `${jsonText(result)}\n` : convertedText(result));
};
