import { QpruneError } from "../../base/errors.js";
import type { ConvSpec, NetSpec } from "../../models/spec.js";
import { gridOf, kernelValues, toGridKernel } from "../../quant/numbers/grid-kernel.js";
import type { StepKernel } from "./conv-step.js";

/** A grid's value times its scale is one float32 product away from the weight that it was made of. */
const GRID_TOLERANCE = 2 ** -22;

/**
 * The kernel of a convolution as it is exported, with what its filters are multiplied by: a quantized one
 * as its grid's codes.
 * @param kernelScale of merged DoReFa weights, one a filter; null where it is 1 or in the weights.
 * @throws QpruneError where quantized weights are not on their grid.
 */
export const takeKernel = (
  spec: NetSpec,
  at: number,
  values: Float32Array,
  kernelScale: Float32Array | null,
): { readonly kernel: StepKernel; readonly filterScale: Float32Array } => {
  const { width, isQuantized } = spec.convs[at] as ConvSpec;
  const grid = isQuantized ? gridOf(spec.quantization.weights) : undefined;
  if (!grid) {
    return { kernel: { kind: "float", values }, filterScale: new Float32Array(width).fill(1) };
  }
  const taken = toGridKernel(values, width, grid, kernelScale ?? undefined);
  const [made, size] = [kernelValues(taken), values.length / width];
  values.forEach((value, index) => {
    const gap = Math.abs((made[index] as number) - value);
    const scale = Math.abs(taken.scale[Math.floor(index / size)] as number);
    if (gap <= GRID_TOLERANCE * scale) return;
    throw new QpruneError(
      `Weight ${index} of convolution ${at} is ${value}, which is no value of its ${grid.kind} grid.`,
      { hint: "The file's weights are not those that it describes; use another copy of it." },
    );
  });
  return { kernel: { kind: "grid", codes: taken.codes, grid }, filterScale: taken.scale };
};
