import { ELEMENT_TYPES } from "../../formats/onnx/messages.js";
import type { NodeOf } from "../../graph/graph.js";
import { quantizerActivation } from "../../quant/activations/activation-of.js";
import { type AffineFunction, TERNARY_THRESHOLD } from "../../tensor/ops/activation.js";
import { type Lowering, type MovedValue, onlyInput } from "./lowering.js";
import type { OnnxBuilder } from "./onnx-builder.js";

export const lowerActivation = (node: NodeOf<"activation">, lowering: Lowering): string => {
  const { builder, nameOf } = lowering;
  const { x } = onlyInput(lowering, node);
  const name = nameOf(node);
  const add = (op: string, attributes = {}): string =>
    builder.add(op, { name, inputs: [x], attributes });
  switch (node.function) {
    case "relu":
      return add("Relu");
    case "relu6":
      return builder.add("Clip", { name, inputs: [x, builder.scalar(0), builder.scalar(6)] });
    case "sigmoid":
      return add("Sigmoid");
    case "silu": {
      const sigmoid = builder.add("Sigmoid", { name: `${node.name}/sigmoid`, inputs: [x] });
      return builder.add("Mul", { name, inputs: [x, sigmoid] });
    }
    case "hardSigmoid":
      return add("HardSigmoid", { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
    case "hardSwish":
      return add("HardSwish");
    case "leakyRelu":
      return add("LeakyRelu", { alpha: { float: node.slope ?? 0 } });
  }
};

/** How DoReFa's activations are quantized: round(clamp(scale x, least, 1) levels) / levels. */
interface UnitGrid {
  readonly scale: number;
  readonly least: 0 | -1;
  readonly levels: number;
}

/**
 * Integers by QuantizeLinear and DequantizeLinear. The values are multiplied by the levels before they are rounded, as qprune
 * computes, so that none falls on another level.
 */
const addUnitGrid = (
  { builder, nameOf }: Lowering,
  node: NodeOf<"quantize">,
  x: string,
  { scale, least, levels }: UnitGrid,
): string => {
  const { add, scalar, tensor } = builder;
  const own = (part: string): string => `${node.name}/${part}`;
  const scaled = add("Mul", { name: own("scaled"), inputs: [x, scalar(scale)] });
  const clamped = add("Clip", { name: own("clamped"), inputs: [scaled, scalar(least), scalar(1)] });
  const steps = add("Mul", { name: own("steps"), inputs: [clamped, scalar(levels)] });
  const zero = tensor(own("zero"), [], least === 0 ? Uint8Array.of(0) : Int8Array.of(0));
  const codes = add("QuantizeLinear", { name: own("codes"), inputs: [steps, scalar(1), zero] });
  return add("DequantizeLinear", {
    name: nameOf(node),
    inputs: [codes, scalar(Math.fround(1 / levels)), zero],
  });
};

const BYTE_LEVELS = 255;

/** QuantizeLinear and DequantizeLinear with bytes. */
const addBytes = (
  { add, scalar, tensor }: OnnxBuilder,
  {
    node,
    output,
    x,
    grid: { scale, zero },
  }: {
    readonly node: string;
    readonly output: string;
    readonly x: string;
    readonly grid: AffineFunction;
  },
): string => {
  const parameters = [scalar(scale), tensor(`${node}/zero`, [], Uint8Array.of(zero))];
  const codes = add("QuantizeLinear", { name: `${node}/codes`, inputs: [x, ...parameters] });
  return add("DequantizeLinear", { name: output, inputs: [codes, ...parameters] });
};

/** Fewer than 8 bits clip the values first, as bytes do themselves. */
const addAffine = (
  { builder, nameOf }: Lowering,
  node: NodeOf<"quantize">,
  x: string,
  grid: AffineFunction,
): string => {
  const { scale, zero, levels } = grid;
  const [least, most] = [Math.fround(-zero * scale), Math.fround((levels - zero) * scale)];
  const clipped =
    levels === BYTE_LEVELS
      ? x
      : builder.add("Clip", {
          name: `${node.name}/clipped`,
          inputs: [x, builder.scalar(least), builder.scalar(most)],
        });
  return addBytes(builder, { node: node.name, output: nameOf(node), x: clipped, grid });
};

/**
 * The codes of a value that was moved, once more: they change nothing, but runtimes compute only between quantizers with
 * integers.
 */
export const lowerMoved = ({ builder }: Lowering, { name, x, grid }: MovedValue): string =>
  addBytes(builder, { node: name, output: name, x, grid });

const addIsAbove = (
  { builder }: Lowering,
  { name, of, limit }: { readonly name: string; readonly of: string; readonly limit: number },
): string => {
  const above = builder.add("Greater", {
    name: `${name}/above`,
    inputs: [of, builder.scalar(limit)],
  });
  return builder.add("Cast", { name, inputs: [above], attributes: { to: ELEMENT_TYPES.float } });
};

export const lowerQuantize = (node: NodeOf<"quantize">, lowering: Lowering): string => {
  const { add, scalar } = lowering.builder;
  const { x } = onlyInput(lowering, node);
  const name = lowering.nameOf(node);
  const own = (part: string): string => `${node.name}/${part}`;
  const activation = quantizerActivation(node.quantizer);
  switch (activation.kind) {
    case "unit":
      return addUnitGrid(lowering, node, x, { ...activation, least: 0 });
    case "signedUnit":
      return addUnitGrid(lowering, node, x, { ...activation, least: -1 });
    case "affine":
      return addAffine(lowering, node, x, activation);
    case "unitSign": {
      const scaled = add("Mul", { name: own("scaled"), inputs: [x, scalar(activation.scale)] });
      const inputs = [scaled, scalar(0), scalar(1)];
      return add("Sign", { name, inputs: [add("Clip", { name: own("clamped"), inputs })] });
    }
    case "sign":
      return add("Sign", { name, inputs: [x] });
    case "step":
      return addIsAbove(lowering, { name, of: x, limit: 0 });
    case "ternary": {
      const magnitude = add("Abs", { name: own("magnitude"), inputs: [x] });
      const isLarge = { name: own("large"), of: magnitude, limit: TERNARY_THRESHOLD };
      const sign = add("Sign", { name: own("sign"), inputs: [x] });
      return add("Mul", { name, inputs: [addIsAbove(lowering, isLarge), sign] });
    }
    default:
      return add("Identity", { name, inputs: [x] });
  }
};

export const lowerSoftmax = (node: NodeOf<"softmax">, lowering: Lowering): string =>
  lowering.builder.add("Softmax", {
    name: lowering.nameOf(node),
    inputs: [onlyInput(lowering, node).x],
    attributes: { axis: 1 },
  });
