import type { OpCall } from "../operators/call.js";
import type { PlainAttributes } from "../operators/read-node.js";
import type { Value } from "../operators/value.js";
import { Unsupported } from "../unsupported.js";
import { onMaps } from "./maps.js";

/** Operators of functions that all programs define alike, by their names in Keras in small letters. */
const FUNCTIONS: Readonly<Record<string, readonly [op: string, attributes?: PlainAttributes]>> = {
  relu: ["Relu"],
  relu6: ["Clip", { min: 0, max: 6 }],
  sigmoid: ["Sigmoid"],
  silu: ["Swish"],
  swish: ["Swish"],
  hard_silu: ["HardSwish"],
  hard_swish: ["HardSwish"],
  softmax: ["Softmax", { axis: -1 }],
};

/** Adds a function by its name in Keras. @throws Unsupported if nets have no such function. */
export const activate = (call: OpCall, x: Value, name: string): Value => {
  if (name === "linear") return x;
  const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!found) throw new Unsupported(`has the activation ${name}, which nets do not have`);
  const [op, attributes = {}] = found;
  return onMaps(call, op, { inputs: [x], attributes, name: activationName(call, name) });
};

/** The name of the function of a layer. */
const activationName = ({ node }: OpCall, name: string): string =>
  /^(activation|relu|softmax)/i.test(node.op) ? node.name : `${node.name}/${name}`;
