import type { NodeOf } from "../../graph/graph.js";
import type { QuantizedTensor, WeightValue } from "../../graph/model.js";
import { quantizerActivation } from "../../quant/activations/activation-of.js";
import { levelsOf } from "../../quant/numbers/grids.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import { TERNARY_THRESHOLD } from "../../tensor/ops/activation.js";
import { lowerQuantize as lowerOnnxQuantize } from "../onnx/activation-nodes.js";
import { type Dialect, type Lowering, onlyInput } from "../onnx/lowering.js";
import type { OnnxBuilder } from "../onnx/onnx-builder.js";

// QONNX (Pappalardo et al. 2022): quantization of any bits as operators from floats to floats. Quant rounds x / scale to integers of
// some bits, of which `narrow` leaves out the least one, and multiplies them by the scale; BipolarQuant is the sign times a scale.

/** The domain of QONNX's operators. */
export const QONNX_DOMAIN = "qonnx.custom_op.general";

/** The integers of a Quant. */
interface Integers {
  readonly bits: number;
  readonly isSigned: boolean;
  /** Whether they are as large below 0 as above. */
  readonly isNarrow: boolean;
}

interface QuantRequest extends Integers {
  readonly name: string;
  readonly x: string;
  /** The name of the tensor of scales. */
  readonly scale: string;
}

const addQuant = (builder: OnnxBuilder, request: QuantRequest): string => {
  const { name, x, scale, bits, isSigned, isNarrow } = request;
  return builder.add("Quant", {
    name,
    domain: QONNX_DOMAIN,
    inputs: [x, scale, builder.scalar(0), builder.scalar(bits)],
    attributes: {
      signed: Number(isSigned),
      narrow: Number(isNarrow),
      rounding_mode: "ROUND",
    },
  });
};

const addBipolar = (builder: OnnxBuilder, name: string, x: string, scale: string): string =>
  builder.add("BipolarQuant", { name, domain: QONNX_DOMAIN, inputs: [x, scale] });

/**
 * The integers of a quantized kernel and the factor that makes them weights: signs are themselves, and DoReFa's codes are the odd
 * integers 2 code - n from -n to n, with one bit more than the codes.
 */
const integersOf = ({ grid }: QuantizedTensor): Integers & { readonly factor: number } => {
  const shared = { isSigned: true, isNarrow: true };
  if (grid.kind === "sign") return { ...shared, bits: 2, factor: 1 };
  return { ...shared, bits: grid.bits + 1, factor: 1 / levelsOf(grid.bits) };
};

const addKernel = (builder: OnnxBuilder, name: string, weight: WeightValue): string => {
  const { shape } = weight;
  if (weight.kind === "float") return builder.tensor(`${name}.weight`, shape, weight.values);
  const values = builder.tensor(`${name}.weight_values`, shape, weightNumbers(weight));
  const { factor, ...integers } = integersOf(weight);
  const dims = [weight.scale.length, ...shape.slice(1).map(() => 1)];
  // A filter of zeros has the scale 0, by which QONNX would divide.
  const factors = weight.scale.map((each) => (each === 0 ? 1 : each * factor));
  const scale = builder.tensor(`${name}.weight_scale`, dims, factors);
  const isBinary = weight.grid.kind === "sign" && weight.codes.every((code) => code !== 0);
  return isBinary
    ? addBipolar(builder, `${name}.weight`, values, scale)
    : addQuant(builder, { name: `${name}.weight`, x: values, scale, ...integers });
};

/** The numbers that a signed DoReFa activation takes on either side of 0 belong to narrow integers of its bits. */
const bitsOfLevels = (levels: number, isSigned: boolean): number =>
  Math.round(Math.log2(levels + 1)) + Number(isSigned);

const lowerQuantize = (node: NodeOf<"quantize">, lowering: Lowering): string => {
  const { builder, nameOf } = lowering;
  const { x } = onlyInput(lowering, node);
  const name = nameOf(node);
  const own = (part: string): string => `${node.name}/${part}`;
  const { add, scalar } = builder;
  const activation = quantizerActivation(node.quantizer);
  switch (activation.kind) {
    case "unit":
    case "signedUnit": {
      const isSigned = activation.kind === "signedUnit";
      const { levels } = activation;
      const scaled = add("Mul", { name: own("scaled"), inputs: [x, scalar(activation.scale)] });
      // Multiplied before it is rounded, as in qprune, so that no value falls on another level.
      const steps = add("Mul", { name: own("steps"), inputs: [scaled, scalar(levels)] });
      const integers = { bits: bitsOfLevels(levels, isSigned), isSigned, isNarrow: isSigned };
      const codes = addQuant(builder, {
        name: own("codes"),
        x: steps,
        scale: scalar(1),
        ...integers,
      });
      return add("Mul", { name, inputs: [codes, scalar(Math.fround(1 / levels))] });
    }
    case "sign":
      return addBipolar(builder, name, x, scalar(1));
    case "ternary":
      return addQuant(builder, {
        name,
        x: add("Mul", { name: own("scaled"), inputs: [x, scalar(0.5 / TERNARY_THRESHOLD)] }),
        scale: scalar(1),
        bits: 2,
        isSigned: true,
        isNarrow: true,
      });
    default:
      return lowerOnnxQuantize(node, lowering);
  }
};

/** Opset 18, with the quantizers as operators of QONNX. */
export const qonnxDialect: Dialect = {
  addKernel,
  lowerQuantize,
  opset: 18,
  irVersion: 8,
  domains: new Map([[QONNX_DOMAIN, 1]]),
};
