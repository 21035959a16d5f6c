import { z } from "zod";
import { applyState } from "../../../src/checkpoint/tensors/net-state.js";
import type {
  ActivationQuantization,
  Quantization,
  WeightQuantization,
} from "../../../src/graph/quantizers.js";
import { buildNet } from "../../../src/models/build-net.js";
import { architectureNames, builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import type { Net } from "../../../src/models/net.js";
import { below, type Tensors } from "../compare.js";
import type { FixtureCase } from "../fixtures.js";
import type { CheckInput } from "./check.js";

const families = z.enum(["WqAq", "WbWtAb", "float"]);

const shapeParams = z.object({ net: z.enum(architectureNames), cfg: z.array(z.int()) });

const quantizationParams = z.object({
  W: z.literal([1, 2, 3, 4, 5, 6, 7, 8, 32]),
  A: z.literal([1, 2, 3, 4, 5, 6, 7, 8, 32]),
});

const FLOAT: Quantization = { weights: { kind: "float" }, activations: { kind: "float" } };

const swappedParams = z.object({ W: z.literal([2, 3, 32]), A: z.literal([2, 32]) });

const WEIGHTS: Readonly<Record<2 | 3 | 32, WeightQuantization>> = {
  2: { kind: "binary", hasAlpha: true },
  3: { kind: "ternary", hasAlpha: true, gapRatio: null },
  32: { kind: "float" },
};
const ACTIVATIONS: Readonly<Record<2 | 32, ActivationQuantization>> = {
  2: { kind: "binary", values: "sign", straightThrough: "saturate" },
  32: { kind: "float" },
};

const quantizationOf = (params: Record<string, unknown>): Quantization => {
  const family = families.parse(params.family);
  if (family === "float") return FLOAT;
  if (family === "WbWtAb") {
    const { W, A } = swappedParams.parse(params);
    return { weights: WEIGHTS[W], activations: ACTIVATIONS[A] };
  }
  const { W, A } = quantizationParams.parse(params);
  return {
    weights: { kind: "dorefa", bits: W },
    activations: { kind: "dorefa", bits: A, scale: 0.1 },
  };
};

/** True where the product has the family of a model case. */
export const isBuiltFamily = (params: Record<string, unknown>): boolean =>
  families.safeParse(params.family).success;

/** The net whose shape a case's params give, with the state that its tensors hold. */
export const netOfState = (
  { name, params }: FixtureCase,
  tensors: Tensors,
  quantization: Quantization = FLOAT,
): Net => {
  const { net: arch, cfg } = shapeParams.parse(params);
  const spec = builtInSpec({
    arch,
    widths: cfg,
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: params.family === "WqAq" ? "dorefa" : "tnn_bin",
    quantization,
  });
  // The fixtures leave dropout out, which no two generators could agree on.
  const convs = spec.convs.map((conv) => ({ ...conv, dropout: 0 }));
  const net = buildNet({ ...spec, convs }, { seed: 1, gammaStart: "ones" });
  applyState(net, below(tensors, "state."), name);
  return net;
};

/** The net of a model-init case. */
export const netOfInit = async (
  { fixtures }: CheckInput,
  init: string,
  quantization: Quantization = FLOAT,
): Promise<Net> => {
  const initCase = fixtures.caseNamed(init);
  return netOfState(initCase, await fixtures.tensorsOf(initCase), quantization);
};

/** The net that a model case starts from. */
export const netOfModelCase = (input: CheckInput): Promise<Net> => {
  const { params } = input.fixture;
  return netOfInit(input, z.string().parse(params.init), quantizationOf(params));
};
