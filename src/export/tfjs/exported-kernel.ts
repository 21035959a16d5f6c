import { QpruneError } from "../../base/errors.js";
import { gridOf } from "../../graph/model.js";
import type { ConvSpec, NetSpec } from "../../models/spec.js";
import { kernelValues, toGridKernel } from "../../quant/numbers/grid-kernel.js";
import type { StepKernel } from "./conv-step.js";

/** A grid value times its scale differs from the original weight by the rounding of one float32 product. */
const GRID_TOLERANCE = 2 ** -22;

/**
 * The kernel of a convolution for exporting, and the factor of each filter. A quantized kernel is exported as the
 * integer codes of its grid.
 * @param kernelScale the scale per filter of merged DoReFa weights; null if it is 1 or part of the weights.
 * @throws QpruneError if quantized weights are not on their grid.
 */
export const exportedKernel = (
  spec: NetSpec,
  convIndex: number,
  values: Float32Array,
  kernelScale: Float32Array | null,
): { readonly kernel: StepKernel; readonly filterScale: Float32Array } => {
  const { width, isQuantized } = spec.convs[convIndex] as ConvSpec;
  const grid = isQuantized ? gridOf(spec.quantization.weights) : undefined;
  if (!grid) {
    return { kernel: { kind: "float", values }, filterScale: new Float32Array(width).fill(1) };
  }
  const gridKernel = toGridKernel(values, width, grid, kernelScale ?? undefined);
  const [restored, size] = [kernelValues(gridKernel), values.length / width];
  values.forEach((value, index) => {
    const difference = Math.abs((restored[index] as number) - value);
    const scale = Math.abs(gridKernel.scale[Math.floor(index / size)] as number);
    if (difference <= GRID_TOLERANCE * scale) return;
    throw new QpruneError(
      `Weight ${index} of convolution ${convIndex} is ${value}, which is not on its ${grid.kind} grid.`,
      { hint: "The file's weights do not match its description; use another copy of it." },
    );
  });
  return { kernel: { kind: "grid", codes: gridKernel.codes, grid }, filterScale: gridKernel.scale };
};
