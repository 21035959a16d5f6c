import type { NetSpec } from "../models/spec.js";
import type { PrunePlan } from "./plan.js";

/**
 * The spec with the widths of a plan; all else stays.
 * Example: widths [24, 20] with [12, 20] kept give [12, 20].
 */
export const smallerSpec = (spec: NetSpec, { layers }: PrunePlan): NetSpec => ({
  ...spec,
  convs: spec.convs.map((conv, at) => ({ ...conv, width: layers[at]?.kept ?? conv.width })),
});
