import { QpruneError } from "../core/errors.js";
import { type ArchitectureName, architectureNames, builtInSpec } from "../models/architectures.js";
import { inputChannels, type NetSpec, sequenceNames } from "../models/spec.js";
import { stateNames } from "../models/state-names.js";
import type { StoredTensor } from "./safetensors/stored-tensor.js";

/** What names and shapes alone tell of a net. */
export interface InferredNet {
  readonly arch: ArchitectureName;
  readonly sequence: NetSpec["sequence"];
  /** Widths of all convolutions but the last. */
  readonly widths: readonly number[];
  readonly classes: number;
}

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

type Shapes = ReadonlyMap<string, Pick<StoredTensor, "shape">>;

/** True where every kernel that a spec has is there, with its shape. */
export const fits = (shapes: Shapes, spec: NetSpec): boolean =>
  stateNames(spec).every(({ conv }, at) => {
    const { kernel, groups, width } = spec.convs[at] as NetSpec["convs"][number];
    const inputs = inputChannels(spec, at);
    const expected = [width, inputs / groups, kernel, kernel];
    return String(shapes.get(`${conv}.weight`)?.shape) === String(expected);
  });

/** The number of a tensor's entry in the sequence: 10 in dorefa.10.conv.weight. */
const entryOf = (name: string): number => Number(name.split(".")[1]);

const candidate = (
  shapes: Shapes,
  arch: ArchitectureName,
  sequence: NetSpec["sequence"],
): InferredNet | undefined => {
  // Writers of safetensors may sort by name, which puts entry 10 in front of entry 2.
  const kernels = [...shapes]
    .filter(([name, { shape }]) => name.startsWith(`${sequence}.`) && shape.length === 4)
    .sort(([a], [b]) => entryOf(a) - entryOf(b));
  const outputs = kernels.map(([, { shape }]) => shape[0] as number);
  const classes = outputs.at(-1) ?? 0;
  const widths = outputs.slice(0, -1);
  const inferred = { arch, sequence, widths, classes };
  // Only names and kernels count here, and the size of the images does not enter either.
  const input = { channels: 3, height: 32, width: 32 };
  try {
    const spec = builtInSpec({ ...inferred, input, quantization: FLOAT });
    return fits(shapes, spec) ? inferred : undefined;
  } catch (error) {
    if (error instanceof QpruneError) return undefined;
    throw error;
  }
};

/**
 * Finds arch, sequence name and widths from the names and shapes of a state dict.
 * @throws QpruneError where no known net has these tensors.
 */
export const inferNet = (shapes: Shapes, path: string): InferredNet => {
  for (const arch of architectureNames)
    for (const sequence of sequenceNames) {
      const inferred = candidate(shapes, arch, sequence);
      if (inferred) return inferred;
    }
  throw new QpruneError(
    `${path}: its tensors are those of no net that qprune knows (${architectureNames.join(", ")}).`,
    {
      hint: "Give a checkpoint that qprune or the original wrote; the names must start with dorefa. or tnn_bin.",
    },
  );
};
