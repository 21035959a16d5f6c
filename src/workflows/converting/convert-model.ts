import { dirname } from "node:path";
import type { z } from "zod";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { checkpointFile } from "../../checkpoint/checkpoint-file.js";
import type { Normalization } from "../../checkpoint/imported-state.js";
import { encodeNetFile } from "../../checkpoint/net-files/encode-net-file.js";
import { formatOfName, type NetFileFormat } from "../../checkpoint/net-files/net-file.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import type { Architecture } from "../../models/architecture.js";
import { isArchitectureName } from "../../models/chains/built-in-chain.js";
import type { convertOptions } from "../../options/commands/convert-options.js";
import type { Call } from "../call.js";
import type { WorkflowContext } from "../context.js";
import { provenanceOf, writeProvenance } from "../history/provenance.js";
import { netOfArch } from "../nets/net-of-arch.js";
import { checkFolder, checkPlainFile, checkSuffix } from "../outputs/check-output-path.js";

type ConvertOptions = z.output<typeof convertOptions>;

/** The file that a conversion wrote. */
export interface ConvertResult {
  readonly file: string;
  readonly format: NetFileFormat;
  readonly arch: string;
  /** Only of chains of convolutions: the prefix of the names, and the widths. */
  readonly sequence?: string;
  readonly cfg?: readonly number[];
  readonly classes: number;
  readonly tensors: number;
  readonly bytes: number;
  /** Whether the file records quantization, data set and epoch. */
  readonly hasManifest: boolean;
  /** What was changed or assumed for a net of another program, as sentences. */
  readonly notices?: readonly string[];
}

const checkOut = async ({ out, force }: ConvertOptions): Promise<void> => {
  checkSuffix(out, "OUT");
  await checkFolder(dirname(out), "OUT");
  if ((await checkPlainFile(out, "OUT")) && !force) {
    throw usageError(
      `${out} already exists.`,
      `Choose another name, or replace it with ${option("force")}.`,
    );
  }
};

/** The description in the file of `arch`, for state dicts that do not record their net. */
const describedNet = async ({ arch }: ConvertOptions): Promise<Architecture | undefined> =>
  arch === undefined || isArchitectureName(arch) ? undefined : netOfArch(arch);

/** How images are normalized, if the options specify it. @throws QpruneError (usage) if they specify half of it. */
const normalizationOf = ({ mean, std }: ConvertOptions): Normalization | undefined => {
  if (mean && std) return { mean, std };
  if (!mean && !std) return undefined;
  const [given, missing] = mean ? (["mean", "std"] as const) : (["std", "mean"] as const);
  throw usageError(
    `${option(given)} is given without ${option(missing)}.`,
    `Give both: images are normalized as (pixel - mean) / std, with pixels from 0 to 1.`,
  );
};

const readIn = async (
  options: ConvertOptions,
  described: Architecture | undefined,
): Promise<Checkpoint> => {
  const { in: path, arch, key, until, image_size: imageSize } = options;
  const normalization = normalizationOf(options);
  const checkpoint = await loadCheckpoint(path, {
    described,
    key,
    until,
    imageSize,
    normalization,
  });
  if (arch !== undefined && isArchitectureName(arch) && checkpoint.net.arch !== arch) {
    throw usageError(
      `${option("arch")} is ${arch}, but ${path} contains ${checkpoint.net.arch}.`,
      `Omit ${option("arch")}: the file records its net.`,
    );
  }
  return checkpoint;
};

/**
 * Converts a model file to the format that the ending of the new name asks for. Needs no engine.
 * @throws QpruneError if a file cannot be read or written.
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
  const chunks = encodeNetFile(format, checkpointFile(checkpoint, sequence));
  const origin = await provenanceOf(checkpoint);
  await writeFileAtomically(out, chunks);
  await writeProvenance(out, { argv, options, origin, described }, context);
  return {
    file: out,
    format,
    arch: net.arch,
    ...(net.chain && { sequence: sequence ?? net.chain.sequence, cfg: net.chain.widths }),
    classes: net.classes,
    tensors: state.size,
    bytes: chunks.reduce((sum, { length }) => sum + length, 0),
    hasManifest: manifest !== undefined,
    ...(checkpoint.notices && { notices: checkpoint.notices }),
  };
};
