import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";

/** An attribute of a TensorFlow op, as tfjs-node's binding expects it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The binding's numbers for TensorFlow's attribute and data types. */
export interface BindingTypes {
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_UINT8: number;
  readonly TF_Version: string;
}

/** The part of tfjs-node's backend that runs any TensorFlow op by name. */
export interface NativeBackend {
  readonly binding: BindingTypes;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: TensorInfo[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: TensorInfo[],
    outputCount: number,
  ): Tensor[];
}
