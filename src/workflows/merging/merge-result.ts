import type { Agreement } from "../../bnmerge/compare-nets.js";
import type { NetSpec } from "../../models/net-spec.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";
import type { Untested } from "../testing/open-test-data.js";

/** The net before or after the merge, with its measurements. */
export interface MeasuredNet {
  readonly file: string;
  readonly parameters: number;
  /** Size of the file's tensors in float32. */
  readonly bytes: number;
  /** Median time for the batch of random inputs. */
  readonly milliseconds: number;
  /** The result on the test images; undefined without images. */
  readonly test: Evaluation | undefined;
}

/** The result of a merge. */
export interface MergeResult {
  readonly model: string;
  readonly spec: NetSpec;
  readonly agreement: Agreement;
  readonly before: MeasuredNet;
  readonly after: MeasuredNet;
  /** Why nothing was tested; undefined if both nets were tested. */
  readonly untested: Untested | undefined;
  /** The text files that were written. */
  readonly dumped: readonly string[];
}
