import type { ExportNet } from "../../export/export-net.js";
import type { NetSpec } from "../../models/spec.js";

/** A kind of numbers in what was written. */
export interface LayoutRow {
  /** What the numbers are: "quantized kernels". */
  readonly part: string;
  /** How each is stored: "uint8". */
  readonly storage: string;
  readonly tensors: number;
  readonly bytes: number;
}

/** What a format has written. */
export interface Written {
  readonly layout: readonly LayoutRow[];
  /** What the verification has shown, as a sentence. */
  readonly check: string;
  /** The net as the file holds it, where numbers were rounded; it is then tested. */
  readonly readBack?: ExportNet;
  /** What the user would not expect, as sentences. */
  readonly notices?: readonly string[];
}

/** Options of an export that only some formats have. */
export interface FormatOptions {
  /** How kernels that are not quantized are stored. */
  readonly edges: "float32" | "int8";
}

/** What is written: a file, or a folder, which `force` replaces where it holds nothing but `isOwnFile`. */
export type ExportOutput =
  | { readonly kind: "file"; readonly suffix: string }
  | { readonly kind: "folder"; readonly isOwnFile: (name: string) => boolean };

/** Something that a net can be exported as. */
export interface ExportFormat {
  /** As the option `format` takes it. */
  readonly name: string;
  /** One line for the help. */
  readonly summary: string;
  readonly output: ExportOutput;
  /** Where users read on: "docs/export-tfjs.md shows how to load it in Node and in a page". */
  readonly readOn: string;
  /** Whether qprune reads what was written, so that a training command tests it. */
  readonly isTestable: boolean;
  /** Whether `edges` is one of its options. */
  readonly hasEdges?: boolean;
  /**
   * Refuses a net that the format has nothing to offer; `path` is its file, `float32Bytes` its size.
   * @throws QpruneError
   */
  readonly checkNet?: (spec: NetSpec, path: string, float32Bytes: number) => void;
  /**
   * Writes a net as `path`, where nothing is yet, reads it back and compares. What is heavy is loaded by a
   * dynamic import. @throws QpruneError where it cannot be written or what is read back differs.
   */
  readonly write: (net: ExportNet, path: string, options: FormatOptions) => Promise<Written>;
}
