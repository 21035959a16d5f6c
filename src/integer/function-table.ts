import type { NodeOf } from "../graph/graph.js";
import { roundAway } from "./fixed-point.js";
import type { IntegerGrid } from "./integer-plan.js";

const relu6 = (x: number): number => Math.min(Math.max(x, 0), 6);

const activated = (node: NodeOf<"activation">, x: number): number => {
  switch (node.function) {
    case "relu":
      return Math.max(x, 0);
    case "relu6":
      return relu6(x);
    case "sigmoid":
      return 1 / (1 + Math.exp(-x));
    case "silu":
      return x / (1 + Math.exp(-x));
    case "hardSigmoid":
      return relu6(x + 3) / 6;
    case "hardSwish":
      return (x * relu6(x + 3)) / 6;
    case "leakyRelu":
      return x > 0 ? x : (node.slope ?? 0) * x;
  }
};

/** A function of codes as a table: the code of the function's value for each code of the input, from the least one. */
export const functionTable = (
  node: NodeOf<"activation">,
  input: IntegerGrid,
  output: IntegerGrid,
): Int16Array =>
  Int16Array.from({ length: input.most - input.least + 1 }, (_, index) => {
    const x = input.scale * (input.least + index - input.zero);
    const code = roundAway(activated(node, x) / output.scale) + output.zero;
    return Math.min(Math.max(code, output.least), output.most);
  });
