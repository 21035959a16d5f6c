import type { ExportNet } from "../../export/export-net.js";
import type { Opset } from "../../export/onnx/kernel-tensors.js";
import type { NetSpec } from "../../models/net-spec.js";

/** A part of the written numbers. */
export interface LayoutRow {
  /** What the numbers are: "quantized kernels". */
  readonly part: string;
  /** How each is stored: "uint8". */
  readonly storage: string;
  readonly tensors: number;
  readonly bytes: number;
}

/** What was written by a format. */
export interface Written {
  readonly layout: readonly LayoutRow[];
  /** The result of the verification, as a sentence. */
  readonly check: string;
  /** The net as read from the written file, if numbers were rounded; it is then tested. */
  readonly readBack?: ExportNet;
  /** Surprises that the user should know of, as sentences. */
  readonly notices?: readonly string[];
}

/** Options that only some formats have. */
export interface FormatOptions {
  /** The type of kernels that are not quantized. */
  readonly edges: "float32" | "int8";
  /** The version of ONNX's operators, which has types for weights of few bits from 21 on. */
  readonly opset: Opset;
}

/** Programs of others in which written files can be run. */
export type Runtime = "litert" | "onnxruntime" | "qonnx";

/** A format writes a file or a folder. With `force` a folder is replaced if it contains only files that pass `isOwnFile`. */
export type ExportOutput =
  | { readonly kind: "file"; readonly suffix: string }
  | { readonly kind: "folder"; readonly isOwnFile: (name: string) => boolean };

/** An export format. */
export interface ExportFormat {
  /** The value of the option `format`. */
  readonly name: string;
  /** One line for the help. */
  readonly summary: string;
  readonly output: ExportOutput;
  /** Points to further documentation: "docs/export-tfjs.md shows how to load it in Node and in a page". */
  readonly readOn: string;
  /** Whether qprune can read the written file, so that training commands can test it. */
  readonly isTestable: boolean;
  /** Whether it has the option `edges`. */
  readonly hasFirstLastFormat?: boolean;
  /** The runtime in which a written file can be checked. */
  readonly runtime?: Runtime;
  /** Whether it has the option `opset`. */
  readonly hasOpset?: boolean;
  /**
   * Refuses a net that the format has no benefit for; `path` is its file, `float32Bytes` its size.
   * @throws QpruneError
   */
  readonly checkNet?: (spec: NetSpec, path: string, float32Bytes: number) => void;
  /**
   * Writes a net to `path`, which must not exist, and verifies what was written. Heavy modules are imported dynamically.
   * @throws QpruneError if it cannot be written or verified.
   */
  readonly write: (net: ExportNet, path: string, options: FormatOptions) => Promise<Written>;
}
