import type { MergeResult } from "../../workflows/merging/merge-result.js";
import { untestedText } from "../testing/untested-text.js";

/** A merge as one object: the success rate in percent, times in milliseconds, sizes in bytes. */
export const mergeJson = ({ agreement, spec, untested, ...result }: MergeResult): object => ({
  ...result,
  arch: spec.arch,
  quantization: spec.quantization,
  mergeSuccessRate: (100 * agreement.equalChoices) / agreement.inputs,
  ...agreement,
  ...(untested && { untested: untestedText(untested) }),
});
