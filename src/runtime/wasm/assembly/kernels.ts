// The kernels of a plan's steps; their arguments are structures in memory, laid out by src/runtime/wasm.
export { convolve, packInput } from "./conv";
export { convolveDepthwise } from "./depthwise";
export {
  addFloats,
  copyChannels,
  finishValues,
  joinCodes,
  lookUp,
  mapCodes,
  poolCodes,
  poolFloats,
  sumShorts,
  prelu,
  quantizeValues,
} from "./pools";
