import type { Manifest } from "../checkpoint/manifest.js";
import type { NetWeights } from "../models/conv-weights.js";
import type { MergedWeights } from "../models/merged-weights.js";
import type { NetSpec } from "../models/spec.js";

interface About {
  readonly spec: NetSpec;
  readonly dataSet: Manifest["dataSet"];
  /** Percent of the test images, where the file tells it. */
  readonly accuracy: number | undefined;
  readonly epoch: number;
}

/** A net as it is exported: its quantized weights themselves, as plain numbers, and what is known of it. */
export type ExportNet =
  | (About & { readonly form: "baked"; readonly weights: NetWeights })
  | (About & { readonly form: "merged"; readonly weights: MergedWeights });
