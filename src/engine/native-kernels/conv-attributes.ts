import type { ConvGeometry } from "../../tensor/ops/conv2d.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { windowAttributes } from "./window-attributes.js";

/** The attributes that describe a convolution to the native ops (native/tensorflow/conv-attributes.h). */
export const convAttributes = (backend: NativeBackend, geometry: ConvGeometry): OpAttribute[] => {
  const { int, ints } = attributeMaker(backend);
  return [
    int("groups", geometry.groups),
    ints("dilation", geometry.dilation),
    ...windowAttributes(backend, geometry),
  ];
};
