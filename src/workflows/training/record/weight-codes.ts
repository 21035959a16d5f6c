import type { Manifest } from "../../../checkpoint/manifest.js";
import { netState } from "../../../checkpoint/net-state.js";
import { readNetWeights } from "../../../checkpoint/net-weights.js";
import { packNetCodes } from "../../../checkpoint/ternary-codes.js";
import { kernelShape } from "../../../models/kernel-shape.js";
import type { Net } from "../../../models/net.js";
import { stateNames } from "../../../models/state-names.js";
import { quantizeLatentKernel } from "../../../quant/numbers/quantize-latent-kernel.js";

/** The current integer codes of a layer's weights. */
export interface LayerCodeValues {
  /** The convolution's name in the state dict. */
  readonly name: string;
  readonly codes: Int16Array;
  /** The number of possible codes: 3 for signs, otherwise 2^bits. */
  readonly values: number;
}

/** The integer codes of all quantized kernels of a net in training; `metadata` is the rest of its manifest. */
export const weightCodes = (
  net: Net,
  metadata: Omit<Manifest, "spec" | "ternaryCodes">,
): LayerCodeValues[] => {
  const { spec } = net;
  const hasMemory = net.codes.some(({ codes }) => codes);
  const manifest = { ...metadata, spec, ternaryCodes: hasMemory ? packNetCodes(net) : undefined };
  const weights = readNetWeights({ state: netState(net), path: "the net", manifest }, spec);
  return stateNames(spec).flatMap(({ conv: name }, index) => {
    const conv = weights[index];
    if (!conv || !spec.convs[index]?.isQuantized) return [];
    const latent = { values: conv.kernel, shape: kernelShape(spec, index), lastCodes: conv.codes };
    const quantized = quantizeLatentKernel(latent, spec.quantization.weights);
    if (!quantized) return [];
    const { grid, codes } = quantized;
    return [{ name, codes, values: grid.kind === "sign" ? 3 : 2 ** grid.bits }];
  });
};
