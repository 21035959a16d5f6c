// Numbers of the schema of LiteRT (schema.fbs, version 3): fields of tables, operators, types of tensors.

export const MODEL = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadata: 6,
} as const;
export const OPERATOR_CODE = { oldCode: 0, customCode: 1, version: 2, code: 3 } as const;
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;
export const TENSOR = {
  shape: 0,
  type: 1,
  buffer: 2,
  name: 3,
  quantization: 4,
  sparsity: 6,
} as const;
export const QUANTIZATION = { scale: 2, zeroPoint: 3, axis: 6 } as const;
export const OPERATOR = { code: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4 } as const;
export const BUFFER = { data: 0 } as const;
export const METADATA = { name: 0, buffer: 1 } as const;

/** The names of the operators by their numbers. */
const OPERATOR_NAMES =
  `ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR
  FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM
  MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS
  SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND
  TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT
  LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL
  LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW
  ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV
  REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS
  SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG
  ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM
  BATCH_MATMUL`.split(/\s+/);

/** Operators after those that are listed without gaps. */
const LATER_OPERATORS: Readonly<Record<string, number>> = { RELU_0_TO_1: 152, SIGN: 158 };

/** The name of an operator. */
export const operatorName = (number: number): string =>
  OPERATOR_NAMES[number] ??
  Object.keys(LATER_OPERATORS).find((name) => LATER_OPERATORS[name] === number) ??
  `operator ${number}`;

/** The number of an operator that {@link operatorName} knows. */
export const operatorNumber = (name: string): number =>
  LATER_OPERATORS[name] ?? OPERATOR_NAMES.indexOf(name);

/** Types of tensors by their numbers. */
export const TENSOR_TYPES = {
  float32: 0,
  float16: 1,
  int32: 2,
  uint8: 3,
  int64: 4,
  bool: 6,
  int16: 7,
  int8: 9,
  float64: 10,
} as const;

/** Functions that operators apply to their results, by their numbers. */
export const FUSED_FUNCTIONS = ["none", "relu", "reluN1To1", "relu6", "tanh", "signBit"] as const;

/** Paddings of windows, by their numbers. */
export const PADDINGS = ["same", "valid"] as const;

type FieldType = "byte" | "bool" | "int" | "float" | "ints";

/** The options of an operator: their number in the union, and their fields in order. A field of null is not read. */
export interface OptionsSchema {
  readonly number: number;
  readonly fields: readonly (readonly [name: string, type: FieldType, otherwise?: number] | null)[];
}

const FUSED = ["fused", "byte"] as const;
const POOL: OptionsSchema = {
  number: 5,
  fields: [
    ["padding", "byte"],
    ["strideColumns", "int"],
    ["strideRows", "int"],
    ["columns", "int"],
    ["rows", "int"],
    FUSED,
  ],
};
const REDUCER: OptionsSchema = { number: 27, fields: [["keep_dims", "bool"]] };

/** The options of the operators that have some that matter here. */
export const OPTIONS: Readonly<Record<string, OptionsSchema>> = {
  ADD: { number: 11, fields: [FUSED] },
  AVERAGE_POOL_2D: POOL,
  CONCATENATION: { number: 10, fields: [["axis", "int"], FUSED] },
  CONV_2D: {
    number: 1,
    fields: [
      ["padding", "byte"],
      ["strideColumns", "int"],
      ["strideRows", "int"],
      FUSED,
      ["dilationColumns", "int", 1],
      ["dilationRows", "int", 1],
    ],
  },
  DEPTHWISE_CONV_2D: {
    number: 2,
    fields: [
      ["padding", "byte"],
      ["strideColumns", "int"],
      ["strideRows", "int"],
      ["multiplier", "int"],
      FUSED,
      ["dilationColumns", "int", 1],
      ["dilationRows", "int", 1],
    ],
  },
  DEPTH_TO_SPACE: { number: 94, fields: [["block", "int"]] },
  DIV: { number: 29, fields: [FUSED] },
  FULLY_CONNECTED: { number: 8, fields: [FUSED, ["weightsFormat", "byte"], ["keepsAxes", "bool"]] },
  LEAKY_RELU: { number: 75, fields: [["alpha", "float"]] },
  MAX_POOL_2D: POOL,
  MEAN: REDUCER,
  MUL: { number: 21, fields: [FUSED] },
  PACK: { number: 59, fields: [null, ["axis", "int"]] },
  REDUCE_MAX: REDUCER,
  RESHAPE: { number: 17, fields: [["shape", "ints"]] },
  RESIZE_BILINEAR: {
    number: 15,
    fields: [null, null, ["align_corners", "bool"], ["half_pixel_centers", "bool"]],
  },
  RESIZE_NEAREST_NEIGHBOR: {
    number: 74,
    fields: [
      ["align_corners", "bool"],
      ["half_pixel_centers", "bool"],
    ],
  },
  SOFTMAX: { number: 9, fields: [["beta", "float"]] },
  SPLIT_V: { number: 79, fields: [["num_split", "int"]] },
  SPLIT: { number: 35, fields: [["num_split", "int"]] },
  SQUEEZE: { number: 30, fields: [["squeeze_dims", "ints"]] },
  STRIDED_SLICE: {
    number: 32,
    fields: [
      ["begin_mask", "int"],
      ["end_mask", "int"],
      ["ellipsis_mask", "int"],
      ["new_axis_mask", "int"],
      ["shrink_axis_mask", "int"],
    ],
  },
  SUB: { number: 28, fields: [FUSED] },
  TRANSPOSE_CONV: {
    number: 49,
    fields: [["padding", "byte"], ["strideColumns", "int"], ["strideRows", "int"], FUSED],
  },
};
