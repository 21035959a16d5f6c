import { planFile } from "../../workflows/pruning/plan-file.js";
import type { PruningResult } from "../../workflows/pruning/pruning-result.js";
import { untestedText } from "../texts/untested-text.js";
import { pruningNoticeText } from "./pruning-notice-text.js";

/** The result of --json; accuracies are in percent, losses are means over the images. */
export const pruningJson = (result: PruningResult, dataFlags: readonly string[]): object => ({
  ...planFile(result),
  before: result.before,
  after: result.after,
  latency: result.latency ?? null,
  betas: result.betas.map(({ droppedBecause, ...beta }) => ({
    ...beta,
    droppedBecause: droppedBecause ?? null,
  })),
  tests: result.tests ?? null,
  ...(result.untested &&
    result.untested.because !== "dry run" && { untested: untestedText(result.untested) }),
  file: result.file ?? null,
  notices: result.notices.map((notice) =>
    pruningNoticeText(notice, { model: result.model, dataFlags }),
  ),
});
