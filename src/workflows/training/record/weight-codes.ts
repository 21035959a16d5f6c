import { packNetCodes, storedCodesOf } from "../../../checkpoint/tensors/hysteresis-codes.js";
import { netState } from "../../../checkpoint/tensors/net-state.js";
import { float32Values } from "../../../formats/safetensors/tensor-values.js";
import { isWeighted } from "../../../graph/stored-form.js";
import type { Net } from "../../../models/net.js";
import { quantizeLatentKernel } from "../../../quant/numbers/quantize-latent-kernel.js";

/** The current integer codes of a layer's weights. */
export interface LayerCodeValues {
  /** Its name in the state dict. */
  readonly name: string;
  readonly codes: Int16Array;
  /** The number of possible codes: 3 for signs, otherwise 2^bits. */
  readonly values: number;
}

/** The integer codes of all quantized kernels of a net in training. */
export const weightCodes = (net: Net): LayerCodeValues[] => {
  const state = netState(net);
  const memory = net.codes.some(({ codes }) => codes) ? packNetCodes(net) : undefined;
  return net.graph.nodes.filter(isWeighted).flatMap(({ name, quantizer, stored }) => {
    const kernel = `${name}.weight`;
    const tensor = state.get(kernel);
    if (!tensor || stored !== "latent") return [];
    const values = float32Values(tensor, kernel);
    const [outputs, inputs, height = 1, width = 1] = tensor.shape as [number, number];
    const lastCodes = storedCodesOf(memory, kernel, values.length);
    const stepName = `${kernel}_step`;
    const stepTensor = state.get(stepName);
    const step = stepTensor && float32Values(stepTensor, stepName)[0];
    const latent = { values, shape: [outputs, inputs, height, width] as const, lastCodes, step };
    const quantized = quantizeLatentKernel(latent, quantizer);
    if (!quantized) return [];
    const { grid, codes } = quantized;
    return [{ name, codes, values: grid.kind === "sign" ? 3 : 2 ** grid.bits }];
  });
};
