/** The compiled modules of wasm/assembly as base64 text. */
export interface Binaries {
  readonly kernels: string;
  /** Products of bytes with relaxed SIMD. */
  readonly relaxed: string;
}

/** Null in the sources; the build puts the modules here (scripts/lib/build-wasm.js). */
export const BINARIES: Binaries | null = null;
