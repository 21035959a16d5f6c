import type { Padding, Pair } from "../../base/sliding-window.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";

/** The attributes that describe a sliding window to the native ops (native/tensorflow/window-attributes.h). */
export const windowAttributes = (
  backend: NativeBackend,
  { stride, padding }: { readonly stride: Pair; readonly padding: Padding },
): OpAttribute[] => {
  const { ints } = attributeMaker(backend);
  return [ints("stride", stride), ints("padding", padding)];
};
