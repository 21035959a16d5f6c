import { FUSED_FUNCTIONS } from "../../../formats/tflite/schema.js";
import { roundAway } from "../../../integer/fixed-point.js";
import type { IntegerOutput, IntegerValue } from "../../../integer/integer-plan.js";
import { bytesOf, INT8, type Int8Draft, quantizationOf } from "./int8-draft.js";

interface Limits {
  readonly low: number;
  readonly high: number;
}

type Fused = "none" | "relu" | "relu6";

/** The codes that an operator itself leaves (LiteRT's CalculateActivationRangeQuantized). */
const leftBy = (fused: Fused, { grid: { scale, zero } }: IntegerValue): Limits => ({
  low: fused === "none" ? INT8.least : Math.max(INT8.least, zero),
  high: fused === "relu6" ? Math.min(INT8.most, zero + roundAway(6 / scale)) : INT8.most,
});

/** The narrowest function that leaves at least the codes of an output. */
const fusedFor = (output: IntegerOutput): Fused =>
  (["relu6", "relu"] as const).find((fused) => {
    const { low, high } = leftBy(fused, output);
    return low <= output.low && high >= output.high;
  }) ?? "none";

/** Brings codes to those between two limits. */
const clampTo = (
  draft: Int8Draft,
  value: IntegerOutput,
  { from, left, to }: { readonly from: number; readonly left: Limits; readonly to: number },
): void => {
  const { name, grid, low, high } = value;
  const needed = [
    ...(low > left.low ? [{ op: "MAXIMUM", code: low }] : []),
    ...(high < left.high ? [{ op: "MINIMUM", code: high }] : []),
  ];
  let x = from;
  for (const [at, { op, code }] of needed.entries()) {
    const limit = draft.tensor(`${name}/${op.toLowerCase()}`, {
      shape: [1],
      type: "int8",
      data: bytesOf(Int8Array.of(code)),
      quantization: quantizationOf(grid),
    });
    const isLast = at === needed.length - 1;
    const y = isLast ? to : draft.value({ ...value, name: `${name}/between` });
    draft.add({ op, inputs: [x, limit], outputs: [y], version: 2 });
    x = y;
  }
};

/** Whether a value needs more than what an operator leaves. */
const isNarrower = (output: IntegerOutput, left: Limits): boolean =>
  output.low > left.low || output.high < left.high;

/**
 * Adds an operator that computes codes, with the limits of its output: as the function that the operator applies itself where
 * that suffices, otherwise as minima and maxima after it.
 * @param add adds the operator with the number of its output and that of its function
 * @param canFuse whether the operator applies functions itself
 */
export const withLimits = (
  draft: Int8Draft,
  output: IntegerOutput,
  add: (to: number, fused: number) => void,
  canFuse = true,
): void => {
  const fused = canFuse ? fusedFor(output) : "none";
  const left = leftBy(fused, output);
  const code = FUSED_FUNCTIONS.indexOf(fused);
  if (!isNarrower(output, left)) {
    add(draft.value(output), code);
    return;
  }
  const from = draft.value({ ...output, name: `${output.name}/unlimited` });
  add(from, code);
  clampTo(draft, output, { from, left, to: draft.value(output) });
};

/** Codes of a value between limits, which they exceed. */
export const addClamp = (draft: Int8Draft, input: IntegerValue, output: IntegerOutput): void => {
  const { least: low, most: high } = input.grid;
  const from = draft.indexOf(input.name);
  const left = { low, high };
  if (isNarrower(output, left)) clampTo(draft, output, { from, left, to: draft.value(output) });
  else draft.alias(output.name, from);
};
