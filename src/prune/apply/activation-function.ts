import type { NodeOf } from "../../graph/graph.js";

const relu6 = (x: number): number => Math.min(Math.max(x, 0), 6);

/** What an activation computes (see activationFunctions), for one number. */
export const activationFunction = ({
  function: name,
  slope = 0,
}: NodeOf<"activation">): ((x: number) => number) => {
  switch (name) {
    case "relu":
      return (x) => Math.max(x, 0);
    case "relu6":
      return relu6;
    case "sigmoid":
      return (x) => 1 / (1 + Math.exp(-x));
    case "silu":
      return (x) => x / (1 + Math.exp(-x));
    case "hardSigmoid":
      return (x) => relu6(x + 3) / 6;
    case "hardSwish":
      return (x) => (x * relu6(x + 3)) / 6;
    case "leakyRelu":
      return (x) => (x > 0 ? x : slope * x);
  }
};
