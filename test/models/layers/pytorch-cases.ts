import { readFileSync } from "node:fs";
import {
  activationLayer,
  preluLayer,
  softmaxLayer,
} from "../../../src/models/layers/activation-layers.js";
import { denseLayer } from "../../../src/models/layers/dense-layer.js";
import { globalPoolLayer } from "../../../src/models/layers/global-pool-layer.js";
import {
  addLayer,
  concatLayer,
  multiplyLayer,
  splitLayer,
} from "../../../src/models/layers/joint-layers.js";
import { asJoint, type JointLayer, type Layer } from "../../../src/models/layers/layer.js";
import { normLayer } from "../../../src/models/layers/norm-layer.js";
import {
  flattenLayer,
  onVectors,
  padLayer,
  reshapeLayer,
  resizeLayer,
} from "../../../src/models/layers/rearrange-layers.js";
import { type Parameter, parameter } from "../../../src/models/parameter.js";
import type { Resizing } from "../../../src/tensor/ops/resize.js";
import { AS_FLOATS, FLOAT32 } from "../../../src/tensor/storage.js";
import { tf } from "../../../src/tensor/tf.js";

export interface Numbers {
  readonly shape: number[];
  readonly values: readonly number[];
}

/** A function of PyTorch: values, a gradient of them, and the gradients of inputs and parameters that follow from it. */
export interface PytorchCase extends Pick<Resizing, "height" | "width"> {
  readonly name: string;
  readonly alignsCorners?: boolean;
  readonly xs: readonly Numbers[];
  readonly ys: readonly Numbers[];
  readonly dys: readonly Numbers[];
  readonly dxs: readonly Numbers[];
  readonly parameters?: Readonly<Record<string, { value: Numbers; gradient: Numbers }>>;
}

/** A layer of either interface, as one with several inputs and outputs. */
export interface TestedLayer {
  readonly layer: JointLayer;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly dispose: () => void;
}

export const tensorOf = ({ shape, values }: Numbers): tf.Tensor => tf.tensor([...values], shape);

export const pytorchCases = (
  JSON.parse(readFileSync(new URL("pytorch-layers.json", import.meta.url), "utf8")) as {
    readonly cases: readonly PytorchCase[];
  }
).cases;

const vectorNorm = (gamma: Parameter, beta: Parameter): Layer => {
  const state = (name: string, value: tf.Tensor) => ({ name, layout: "vector", value }) as const;
  const movingMean = state("norm.running_mean", tf.zerosLike(beta.value));
  const movingVariance = state("norm.running_var", tf.onesLike(beta.value));
  const layer = onVectors(
    normLayer({
      affine: { gamma, beta },
      movingMean,
      movingVariance,
      inputBias: null,
      epsilon: 1e-5,
      newStatWeight: 0.1,
      isGammaFixed: false,
      minGamma: null,
      tail: { activation: { kind: "identity" }, shuffleGroups: 1 },
      storage: { ...AS_FLOATS, addend: FLOAT32 },
      countBatch: () => {},
    }),
  );
  return {
    ...layer,
    dispose: () => {
      layer.dispose?.();
      tf.dispose([movingMean.value, movingVariance.value]);
    },
  };
};

const poolOf = (name: string): Layer =>
  globalPoolLayer({
    function: name.includes("mean") ? "mean" : "max",
    keepsMaps: name.endsWith("maps"),
  });

const resizeOf = (
  { height, width, alignsCorners = false }: PytorchCase,
  method: Resizing["method"],
) => resizeLayer({ height, width, method, alignsCorners });

type Parameters = Readonly<Record<string, Parameter>>;

const unaryLayer = (each: PytorchCase, { weight, bias }: Parameters): Layer | undefined => {
  const kind = each.name.split(" ")[0];
  switch (kind) {
    case "prelu":
      return preluLayer(weight as Parameter);
    case "softmax":
      return softmaxLayer();
    case "dense": {
      const quantization = { kind: "float" } as const;
      return denseLayer({
        weight: weight as Parameter,
        bias: bias ?? null,
        quantization,
        isFirst: false,
      });
    }
    case "global":
      return poolOf(each.name);
    case "pad":
      return padLayer({ padding: [1, 0, 2, 3], value: -0.5 });
    case "nearest":
    case "bilinear":
      return resizeOf(each, kind);
    case "flatten":
      return flattenLayer();
    case "reshape":
      return reshapeLayer(each.ys[0]?.shape.slice(1) ?? []);
    case "vector":
      return vectorNorm(weight as Parameter, bias as Parameter);
    case "silu":
      return activationLayer({ kind: "silu" });
    default:
      return undefined;
  }
};

const jointLayer = ({ name, ys }: PytorchCase): JointLayer => {
  if (name.startsWith("add")) return addLayer();
  if (name.startsWith("multiply")) return multiplyLayer();
  if (name.startsWith("concat")) return concatLayer();
  return splitLayer(ys.map(({ shape }) => shape.at(-1) as number));
};

/** The weights of a dense layer are [in, out] here and [out, in] in PyTorch. */
export const inEngine = (name: string, numbers: Numbers): tf.Tensor =>
  name.startsWith("dense") && numbers.shape.length === 2
    ? tf.tidy(() => tf.transpose(tensorOf(numbers)))
    : tensorOf(numbers);

/** The layer of this project that computes a case, with the case's parameters. */
export const layerOf = (each: PytorchCase): TestedLayer => {
  const parameters = Object.fromEntries(
    Object.entries(each.parameters ?? {}).map(([suffix, { value }]) => [
      suffix,
      parameter(suffix, "weight", inEngine(each.name, value)),
    ]),
  );
  const unary = unaryLayer(each, parameters);
  return {
    layer: unary ? asJoint(unary) : jointLayer(each),
    parameters,
    dispose: () => {
      unary?.dispose?.();
      for (const { value, gradient } of Object.values(parameters))
        tf.dispose(gradient ? [value, gradient] : value);
    },
  };
};
