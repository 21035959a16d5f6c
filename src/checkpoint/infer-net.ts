import { QpruneError } from "../base/errors.js";
import { quoted } from "../base/visible-text.js";
import type { StoredTensor } from "../formats/safetensors/stored-tensor.js";
import { architectureNames } from "../models/architectures.js";
import { builtInNets } from "../models/built-in-nets.js";
import { kernelShape } from "../models/kernel-shape.js";
import type { NetDescription } from "../models/net-description.js";
import { type NetSpec, sequenceNames } from "../models/spec.js";
import { assembleSpec } from "../models/spec-from-description.js";
import { stateNames } from "../models/state-names.js";

/** What names and shapes alone tell of a net. */
export interface InferredNet {
  readonly arch: string;
  /** The net that it was recognised as. */
  readonly description: NetDescription;
  readonly sequence: NetSpec["sequence"];
  /** Widths of all convolutions but the last. */
  readonly widths: readonly number[];
  readonly classes: number;
}

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

type Shapes = ReadonlyMap<string, Pick<StoredTensor, "shape">>;

/** True where every kernel that a spec has is there, with its shape. */
export const fits = (shapes: Shapes, spec: NetSpec): boolean =>
  stateNames(spec).every(
    ({ conv }, at) => String(shapes.get(`${conv}.weight`)?.shape) === String(kernelShape(spec, at)),
  );

/** The number of a tensor's entry in the sequence: 10 in dorefa.10.conv.weight. */
const entryOf = (name: string): number => Number(name.split(".")[1]);

const candidate = (
  shapes: Shapes,
  description: NetDescription,
  sequence: NetSpec["sequence"],
): InferredNet | undefined => {
  // Writers of safetensors may sort by name, which puts entry 10 in front of entry 2.
  const kernels = [...shapes]
    .filter(([name, { shape }]) => name.startsWith(`${sequence}.`) && shape.length === 4)
    .sort(([a], [b]) => entryOf(a) - entryOf(b));
  const outputs = kernels.map(([, { shape }]) => shape[0] as number);
  const classes = outputs.at(-1) ?? 0;
  const inferred = { description, sequence, widths: outputs.slice(0, -1), classes };
  // Only names and kernels count here, and the size of the images does not enter either.
  const input = { channels: 3, height: 32, width: 32 };
  try {
    const spec = assembleSpec({ ...inferred, input, quantization: FLOAT });
    return fits(shapes, spec) ? { ...inferred, arch: spec.arch } : undefined;
  } catch (error) {
    if (error instanceof QpruneError) return undefined;
    throw error;
  }
};

/** Names that a message shows. */
const MOST_SHOWN = 4;

const shownTensors = (shapes: Shapes): string => {
  const shown = [...shapes]
    .slice(0, MOST_SHOWN)
    .map(([name, { shape }]) => `${quoted(name)} [${shape}]`)
    .join(", ");
  return shapes.size > MOST_SHOWN ? `${shown}, … (${shapes.size} in all)` : shown;
};

/** The error for tensors of no known net, with the first of their names. */
export const unknownNet = (
  shapes: Shapes,
  path: string,
  described: NetDescription | undefined,
): QpruneError => {
  const found = `It has ${shownTensors(shapes) || "no tensors"}.`;
  return described
    ? new QpruneError(`${path}: its tensors are not those of ${described.name}. ${found}`, {
        hint: `Its kernels must have the names and shapes that qprune gives to those of ${described.name}.`,
      })
    : new QpruneError(
        `${path}: its tensors are those of no net that qprune knows (${architectureNames.join(", ")}). ${found}`,
        {
          hint: "Give a checkpoint that qprune or the reference scripts wrote, or describe its net with --arch FILE.json; the names must start with dorefa. or tnn_bin., after any prefix that all of them share.",
        },
      );
};

/**
 * Finds net, sequence name and widths from the names and shapes of a state dict; where a net is described, its
 * tensors must be of that one, else of a built-in one. Undefined where they are not.
 */
export const inferNet = (
  shapes: Shapes,
  described?: NetDescription | undefined,
): InferredNet | undefined => {
  for (const description of described ? [described] : Object.values(builtInNets))
    for (const sequence of sequenceNames) {
      const inferred = candidate(shapes, description, sequence);
      if (inferred) return inferred;
    }
  return undefined;
};
