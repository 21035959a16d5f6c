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

/** A net as inferred from tensor names and shapes. */
export interface InferredNet {
  readonly arch: string;
  /** The net that it was identified as. */
  readonly description: NetDescription;
  readonly sequence: NetSpec["sequence"];
  /** Widths of all convolutions but the last. */
  readonly widths: readonly number[];
  readonly classes: number;
}

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

type Shapes = ReadonlyMap<string, Pick<StoredTensor, "shape">>;

/** Whether every kernel of a spec is present with its shape. */
export const fits = (shapes: Shapes, spec: NetSpec): boolean =>
  stateNames(spec).every(
    ({ conv }, index) =>
      String(shapes.get(`${conv}.weight`)?.shape) === String(kernelShape(spec, index)),
  );

/** The index of a tensor's module: 10 in dorefa.10.conv.weight. */
const moduleIndex = (name: string): number => Number(name.split(".")[1]);

const candidate = (
  shapes: Shapes,
  description: NetDescription,
  sequence: NetSpec["sequence"],
): InferredNet | undefined => {
  // Writers of safetensors may sort by name, which puts module 10 before module 2.
  const kernels = [...shapes]
    .filter(([name, { shape }]) => name.startsWith(`${sequence}.`) && shape.length === 4)
    .sort(([a], [b]) => moduleIndex(a) - moduleIndex(b));
  const outputs = kernels.map(([, { shape }]) => shape[0] as number);
  const classes = outputs.at(-1) ?? 0;
  const inferred = { description, sequence, widths: outputs.slice(0, -1), classes };
  // Only names and kernel shapes are compared, which do not depend on the size of the images.
  const input = { channels: 3, height: 32, width: 32 };
  try {
    const spec = assembleSpec({ ...inferred, input, quantization: FLOAT });
    return fits(shapes, spec) ? { ...inferred, arch: spec.arch } : undefined;
  } catch (error) {
    if (error instanceof QpruneError) return undefined;
    throw error;
  }
};

/** Tensors that an error message lists. */
const MAX_SHOWN = 4;

const shownTensors = (shapes: Shapes): string => {
  const shown = [...shapes]
    .slice(0, MAX_SHOWN)
    .map(([name, { shape }]) => `${quoted(name)} [${shape}]`)
    .join(", ");
  return shapes.size > MAX_SHOWN ? `${shown}, … (${shapes.size} in all)` : shown;
};

/** The rule for names that does not depend on the net. */
const REQUIRED_NAMES =
  "Tensor names must start with dorefa. or tnn_bin., after any prefix shared by all.";

/** The error for tensors of an unknown net, listing the first ones. */
export const unknownNet = (
  shapes: Shapes,
  path: string,
  described: NetDescription | undefined,
): QpruneError => {
  const found = `It has ${shownTensors(shapes) || "no tensors"}.`;
  return described
    ? new QpruneError(`${path}: its tensors do not match ${described.name}. ${found}`, {
        hint: `Its kernels must have the names and shapes of qprune's ${described.name}.`,
      })
    : new QpruneError(
        `${path}: its tensors match no built-in net (${architectureNames.join(", ")}). ${found}`,
        {
          hint: `Give a checkpoint written by qprune or the reference scripts, or describe its net. ${REQUIRED_NAMES}`,
          code: "unknown-net",
        },
      );
};

/**
 * Infers architecture, state-dict prefix and widths from the names and shapes of a state dict, which must match the
 * described net if there is one, else a built-in net. Undefined if they do not.
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
