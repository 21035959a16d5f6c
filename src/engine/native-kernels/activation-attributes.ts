import type { Activation, StraightThrough } from "../../tensor/ops/activation.js";
import type { NormTail } from "../../tensor/ops/norm-activate.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";

/** The values of ActivationKind in native/kernels/activation.h. */
const KIND_NUMBER: Record<Activation["kind"], number> = {
  identity: 0,
  relu: 1,
  unit: 2,
  unitSign: 3,
  sign: 4,
  step: 5,
  ternary: 6,
  relu6: 7,
  sigmoid: 8,
  silu: 9,
  hardSigmoid: 10,
  hardSwish: 11,
  leakyRelu: 12,
  signedUnit: 13,
  affine: 14,
};

const THROUGH_NUMBER: Record<StraightThrough, number> = { identity: 0, saturate: 1, soft: 2 };

/** The largest float32. */
const NO_LIMIT = (2 - 2 ** -23) * 2 ** 127;

/** Returns functions that make attributes of an op: an integer, a list of integers, a real number, a text. */
export const attributeMaker = ({ binding }: NativeBackend) => ({
  int: (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_INT, value }),
  ints: (name: string, values: readonly number[]): OpAttribute => ({
    name,
    type: binding.TF_ATTR_INT,
    value: [...values],
  }),
  float: (name: string, value: number): OpAttribute => ({
    name,
    type: binding.TF_ATTR_FLOAT,
    value,
  }),
  text: (name: string, value: string): OpAttribute => ({
    name,
    type: binding.TF_ATTR_STRING,
    value,
  }),
});

/** The attributes that describe an activation to the native ops. */
export const activationAttributes = (
  backend: NativeBackend,
  activation: Activation,
): OpAttribute[] => {
  const { int, float } = attributeMaker(backend);
  const through = "straightThrough" in activation ? THROUGH_NUMBER[activation.straightThrough] : 0;
  return [
    int("kind", KIND_NUMBER[activation.kind]),
    float("unit_scale", "scale" in activation ? activation.scale : 1),
    float("levels", "levels" in activation ? activation.levels : 1),
    int("after_relu", "afterRelu" in activation && activation.afterRelu ? 1 : 0),
    float("limit", ("limit" in activation ? activation.limit : undefined) ?? NO_LIMIT),
    int("straight_through", through),
    float("slope", "slope" in activation ? activation.slope : 0),
    float("zero", "zero" in activation ? activation.zero : 0),
  ];
};

/** The attributes that describe what follows a normalization. */
export const tailAttributes = (
  backend: NativeBackend,
  { activation, shuffleGroups }: NormTail,
): OpAttribute[] => [
  ...activationAttributes(backend, activation),
  attributeMaker(backend).int("shuffle_groups", shuffleGroups),
];
