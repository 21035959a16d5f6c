import { nodeNameOf, type OpCall } from "./call.js";

/** The end of the name of a tensor, after that of its module. */
const SUFFIX =
  /[./_](weight|kernel|gamma|running_mean|mean|w_0|scale)s?(_\w+)?(\/read|\/ReadVariableOp)?(:0)?$/i;

/** Names that exporters invent for constants. */
const INVENTED = /^(onnx::|val_|_val|const|\d)/i;

/**
 * The module in the path of a node as torch.onnx writes it: each part repeats those before it, and the last one is the operator.
 * Example: layer1/layer1.0/conv1/Conv is of the module layer1.0.conv1.
 */
const moduleOfPath = (path: string): string | undefined => {
  const parts = path.split("/").slice(0, -1);
  if (parts.length === 0) return undefined;
  const names: string[] = [];
  for (const part of parts) {
    const last = names.at(-1);
    if (last !== undefined && part.startsWith(`${last}.`)) names[names.length - 1] = part;
    else names.push(part);
  }
  return names.join(".");
};

/** The name of a layer with tensors: that of its weights without their suffix, or else of its module. */
export const layerName = (call: OpCall, weightInput: number): string => {
  const tensor = call.node.inputs[weightInput] ?? "";
  if (SUFFIX.test(tensor) && !INVENTED.test(tensor)) return tensor.replace(SUFFIX, "");
  const name = nodeNameOf(call);
  return moduleOfPath(name) ?? name;
};
