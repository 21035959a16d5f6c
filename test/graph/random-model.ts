import { randomUnit } from "../../src/base/random.js";
import { type Graph, nodesInGraph, parametersOf } from "../../src/graph/graph.js";
import type { ParameterRole } from "../../src/graph/kinds/kind.js";
import type { Model, WeightValue } from "../../src/graph/model.js";
import { sizeOf } from "../../src/graph/shape.js";

const ZERO_EVERY = 7;

const drawn = (role: ParameterRole, unit: number, index: number): number => {
  const signed = 2 * unit - 1;
  switch (role) {
    case "kernel":
      return signed ** 3;
    case "gamma":
      return index % ZERO_EVERY === 3 ? 0 : 1.5 * signed;
    case "variance":
      return 0.2 + 0.8 * unit;
    case "scale":
      return 0.5 + unit;
    default:
      return 0.5 * signed;
  }
};

/** Float tensors for every node of a graph: gammas of both signs and some of 0, variances above 0.2. */
export const randomModel = (graph: Graph, seed: number): Model => {
  const weights = new Map<string, WeightValue>();
  for (const [at, placed] of nodesInGraph(graph).entries()) {
    for (const [what, { suffix, shape, role }] of parametersOf(placed).entries()) {
      if (role === "counter" || role === "kernelScale") continue;
      const values = Float32Array.from({ length: sizeOf(shape) }, (_, index) =>
        drawn(role, randomUnit(seed, at, what, index), index),
      );
      weights.set(`${placed.node.name}.${suffix}`, { kind: "float", shape, values });
    }
  }
  return { graph, weights };
};

/** An image for a graph, uniform in [-1, 1]. */
export const randomImage = ({ inputs: [input] }: Graph, seed: number): Float32Array =>
  Float32Array.from(
    { length: sizeOf(input?.shape ?? []) },
    (_, index) => 2 * randomUnit(seed, index) - 1,
  );
