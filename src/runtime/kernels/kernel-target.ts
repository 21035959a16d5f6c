import type { EngineKind } from "../engine.js";

/** What a dot product of bytes does with codes above 127, which the standard of relaxed SIMD leaves open. */
export type ByteProducts =
  /** There is no such instruction. */
  | "none"
  /** Exact for codes up to 127 only. */
  | "seven bits"
  /** Exact as long as the sum of two neighboring products fits into 16 bits. */
  | "pairs of 16 bits"
  | "eight bits";

/** How signs are multiplied: as bits, whose differences are counted, or as bytes of 4 channels that select tables (sign-tiles.ts). */
export type SignProducts = "counts" | "look-ups" | "relaxed look-ups";

/** Arguments are addresses and counts; the last one is the number of items (see KernelJob). */
type Kernel = (...numbers: number[]) => void;

/** The kernels on one memory; their arguments are structures that kernels/place-conv.ts and others place there. */
export interface Kernels {
  readonly convolve: Kernel;
  readonly convolveDepthwise: Kernel;
  readonly packInput: Kernel;
  readonly poolCodes: Kernel;
  readonly poolFloats: Kernel;
  readonly sumShorts: Kernel;
  readonly addFloats: Kernel;
  readonly lookUp: Kernel;
  readonly prelu: Kernel;
  readonly copyChannels: Kernel;
  readonly finishValues: Kernel;
  readonly quantizeValues: Kernel;
  readonly mapCodes: Kernel;
  readonly joinCodes: Kernel;
}

/** How kernels want filters packed. */
export interface FilterLayout {
  /** Filters of a block. */
  readonly block: number;
  /** Filters of a vector. */
  readonly lanes: number;
}

/** How much kernels compute together. */
interface TileSizes {
  /** Rows of a tile, whose sums stay in registers. */
  readonly tileRows: number;
  /** Bytes of rows, or of their sums, that stay in a cache. */
  readonly blockBytes: number;
}

export interface KernelMemory {
  readonly buffer: ArrayBufferLike;
}

/** The kernels on the memory of a net. */
export interface JobRunner {
  readonly threads: number;
  /** Why there are fewer threads than asked for; for people. */
  readonly obstacle?: string | undefined;
  /** Computes the job of an index. */
  readonly run: (job: number) => void;
  readonly dispose: () => void;
}

/** A set of kernels: in WebAssembly, or native. */
export interface KernelTarget extends FilterLayout, TileSizes {
  readonly kind: Exclude<EngineKind, "reference">;
  /** For people. */
  readonly instructions: string;
  readonly byteProducts: ByteProducts;
  readonly signProducts: SignProducts;
  /** Whether depthwise convolutions whose sums become codes in integers have weights in columns (packColumns). */
  readonly hasColumns: boolean;
  /** Threads that need scratch memory of their own. */
  readonly threads: number;
  /** Work of a part of a job; sharing shorter ones costs more than it saves. */
  readonly leastPartNs: number;
  readonly createMemory: (bytes: number) => KernelMemory;
  readonly start: (memory: KernelMemory, jobs: readonly KernelJob[]) => Promise<JobRunner>;
}

/** A call of a kernel on items, such as output positions, that threads can share. Plain data, which workers receive. */
export interface KernelJob {
  readonly kernel: keyof Kernels;
  /** All arguments for the first item, without the number of items, which is the last one. */
  readonly args: readonly number[];
  /** What every item adds to the arguments. */
  readonly perItem: readonly number[];
  /** What the index of a thread adds to the first argument, a structure with scratch memory of its own. */
  readonly threadBytes: number;
  readonly items: number;
  /** Items that a thread takes at once; all of them where the work is too small to share, or cannot be split. */
  readonly partItems: number;
}
