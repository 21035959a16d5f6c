import type { StateDict } from "../checkpoint/net-state.js";

/** Bytes of a dense state dict's float32 values; the scales of merged DoReFa kernels, which repeat them, do not count. */
export const float32Bytes = (state: StateDict): number =>
  [...state]
    .filter(([name, { dtype }]) => dtype === "F32" && !name.endsWith(".weight_scale"))
    .reduce((sum, [, { data }]) => sum + data.length, 0);
