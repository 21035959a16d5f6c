/** A memory of WebAssembly. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

/** A compiled module. */
export type WasmModule = object;

/** The part of the engine's WebAssembly interface that is used; the types of Node.js lack it. */
interface WebAssemblyInterface {
  readonly Memory: new (pages: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }) => WasmMemory;
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly compile: (bytes: Uint8Array) => Promise<WasmModule>;
  readonly instantiate: (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => Promise<{ readonly exports: Readonly<Record<string, unknown>> }>;
}

/** WebAssembly of this engine; undefined if it has none. */
export const webAssembly = (globalThis as { readonly WebAssembly?: WebAssemblyInterface })
  .WebAssembly;
