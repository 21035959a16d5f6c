import type { ActivationQuantization } from "../../graph/quantizers.js";
import { levelsOf, signedLevelsOf } from "../numbers/grids.js";

/** A quantizer of activations whose range is trained. */
export type LearnedQuantizer = Extract<ActivationQuantization, { kind: "dorefa" }> & {
  readonly learned: NonNullable<Extract<ActivationQuantization, { kind: "dorefa" }>["learned"]>;
};

export const isLearnedQuantizer = (
  quantizer: ActivationQuantization,
): quantizer is LearnedQuantizer =>
  quantizer.kind === "dorefa" && quantizer.learned !== undefined && quantizer.bits !== 32;

/** A number that keeps a step positive. */
export const LEAST_STEP = 1e-8;

/** The levels of a quantizer's grid between 0 and its range. */
export const rangeLevels = ({ bits, isSigned }: LearnedQuantizer): number =>
  isSigned ? signedLevelsOf(bits) : levelsOf(bits);

/** The range r, up to which a quantizer's inputs are not clipped, of a stored step or clipping level. */
export const rangeOf = (quantizer: LearnedQuantizer, stored: number): number =>
  Math.max(stored, LEAST_STEP) * (quantizer.learned === "lsq" ? rangeLevels(quantizer) : 1);
