import { wholeJobs } from "../kernels/kernel-job.js";
import type {
  ByteProducts,
  KernelMemory,
  Kernels,
  KernelTarget,
  SignProducts,
} from "../kernels/kernel-target.js";

type NativeKernel = (memory: ArrayBufferLike, ...numbers: number[]) => void;

/** The addon of src/engine/runtime-addon: the same kernels, which take the memory first. */
export type RuntimeAddon = { readonly [K in keyof Kernels]: NativeKernel } & {
  readonly instructions: string;
  readonly byteProducts: ByteProducts;
  readonly signProducts: SignProducts;
  /** Those that its kernels use. */
  readonly threads: number;
};

const FUNCTIONS = [
  "convolve",
  "convolveDepthwise",
  "packInput",
  "poolCodes",
  "poolFloats",
  "sumShorts",
  "addFloats",
  "lookUp",
  "prelu",
  "copyChannels",
  "finishValues",
  "quantizeValues",
  "mapCodes",
  "joinCodes",
] as const satisfies readonly (keyof Kernels)[];

const boundTo = (addon: RuntimeAddon, { buffer }: KernelMemory): Kernels => {
  const entries = FUNCTIONS.map((name) => {
    const kernel = addon[name];
    return [name, (...numbers: number[]) => kernel(buffer, ...numbers)] as const;
  });
  // The list has all names, which Object.fromEntries does not keep.
  return Object.fromEntries(entries) as unknown as Kernels;
};

/** The native kernels of an addon. */
export const nativeKernels = (addon: RuntimeAddon): KernelTarget => ({
  kind: "native",
  instructions: addon.instructions,
  byteProducts: addon.byteProducts,
  signProducts: addon.signProducts,
  hasColumns: false,
  block: 16,
  lanes: 16,
  tileRows: 16,
  // A part of the second-level cache.
  blockBytes: 98304,
  // Kernels share their work themselves.
  threads: 1,
  leastPartNs: Number.POSITIVE_INFINITY,
  createMemory: (bytes) => ({ buffer: new ArrayBuffer(bytes) }),
  start: async (memory, jobs) => ({
    ...wholeJobs(boundTo(addon, memory), jobs),
    threads: addon.threads,
  }),
});
