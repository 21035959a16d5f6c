import type { Agreement } from "../../bnmerge/compare-nets.js";
import type { NetSpec } from "../../models/spec.js";
import type { Evaluation } from "../../train/evaluate.js";
import type { Untested } from "../images/open-test-data.js";

/** One of the two nets. */
export interface MeasuredNet {
  readonly file: string;
  readonly parameters: number;
  /** Of the file's tensors, as float32. */
  readonly bytes: number;
  /** Median time of the batch of random inputs. */
  readonly milliseconds: number;
  /** On the test images; undefined where there are none. */
  readonly test: Evaluation | undefined;
}

/** All that a merge did. */
export interface MergeResult {
  readonly model: string;
  readonly spec: NetSpec;
  readonly agreement: Agreement;
  readonly before: MeasuredNet;
  readonly after: MeasuredNet;
  /** Why the test images were not used; undefined where they were. */
  readonly untested: Untested | undefined;
  readonly dumped: readonly string[];
}
