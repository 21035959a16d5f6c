import type { Manifest } from "../../../checkpoint/manifest.js";
import { netState } from "../../../checkpoint/net-state.js";
import { readNetWeights } from "../../../checkpoint/net-weights.js";
import { packNetCodes } from "../../../checkpoint/ternary-codes.js";
import { kernelShape } from "../../../models/kernel-shape.js";
import type { Net } from "../../../models/net.js";
import { stateNames } from "../../../models/state-names.js";
import { quantizeLatentKernel } from "../../../quant/numbers/quantize-latent-kernel.js";

/** The codes of a layer's weights, as the net computes with them now. */
export interface LayerCodeValues {
  /** Of the convolution. */
  readonly name: string;
  readonly codes: Int16Array;
  /** How many values there are: 3 signs, or 2^bits codes. */
  readonly values: number;
}

/** The codes of all quantized kernels of a net that is trained; `about` is the rest of its manifest. */
export const weightCodes = (
  net: Net,
  about: Omit<Manifest, "spec" | "ternaryCodes">,
): LayerCodeValues[] => {
  const { spec } = net;
  const hasMemory = net.codes.some(({ codes }) => codes);
  const manifest = { ...about, spec, ternaryCodes: hasMemory ? packNetCodes(net) : undefined };
  const weights = readNetWeights({ state: netState(net), path: "the net", manifest }, spec);
  return stateNames(spec).flatMap(({ conv: name }, at) => {
    const conv = weights[at];
    if (!conv || !spec.convs[at]?.isQuantized) return [];
    const latent = { values: conv.kernel, shape: kernelShape(spec, at), lastCodes: conv.codes };
    const quantized = quantizeLatentKernel(latent, spec.quantization.weights);
    if (!quantized) return [];
    const { grid, codes } = quantized;
    return [{ name, codes, values: grid.kind === "sign" ? 3 : 2 ** grid.bits }];
  });
};
