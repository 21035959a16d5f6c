/** The compiled modules of wasm/assembly as base64 text, and the program of workers. */
export interface Binaries {
  readonly kernels: string;
  /** Products of bytes with relaxed SIMD. */
  readonly relaxed: string;
  /** threads/worker.ts as a script. */
  readonly worker: string;
}

/** Null in the sources; the build puts them here (scripts/lib/build-wasm.js). */
export const BINARIES: Binaries | null = null;
