import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { exists } from "../../files/exists.js";
import { type NetSpec, widthsOf } from "../../models/spec.js";
import { MERGED_FILE, QUANTIZED_FILE } from "../../options/commands/merge-options.js";
import { describeQuantization } from "../../options/describe-quantization.js";
import type { WorkflowContext } from "../context.js";
import { chooseModel } from "../nets/choose-model.js";
import type { StoredNet } from "../nets/stored-net.js";
import type { MergeTestCall } from "./merge-call.js";

type Side = "before" | "after";
const USUAL = { before: QUANTIZED_FILE, after: MERGED_FILE } as const;

/** A file with its spec, which both files of a merge hold. */
const readSide = async (path: string): Promise<StoredNet> => {
  const checkpoint = await loadCheckpoint(path);
  if (checkpoint.manifest) return { checkpoint, spec: checkpoint.manifest.spec };
  throw usageError(`${path} does not record its net.`, "Give two files that one merge wrote.");
};

/** What a merge leaves as it is, in words. */
const keptByMerge = (spec: NetSpec): string => {
  const { arch, classes, input, quantization } = spec;
  const images = `${input.channels}x${input.height}x${input.width}`;
  const net = `${arch} (cfg ${widthsOf(spec).join(",")}; ${classes} classes, images ${images})`;
  return `${net}, ${describeQuantization(quantization)}`;
};

/** The side whose file stays: one that is given, else one that is there. */
const fixedSide = async ({ given }: MergeTestCall): Promise<Side> => {
  for (const side of ["before", "after"] as const) if (given.has(side)) return side;
  for (const side of ["before", "after"] as const) if (await exists(USUAL[side])) return side;
  throw usageError(
    `Neither ${QUANTIZED_FILE} nor ${MERGED_FILE} exists.`,
    `Merge a net first, or give ${option("before")} FILE and ${option("after")} FILE.`,
    { code: "no-merged-pair" },
  );
};

/**
 * Reads the files of `before` and `after`. Where one is not given and its default is not there, or is no part of the
 * other's merge, the one file beside the default that is takes its place.
 * @throws QpruneError (usage) where there is none, and for two files that are no pair.
 */
export const readMergePair = async (
  call: MergeTestCall,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): Promise<Record<Side, StoredNet>> => {
  const { options, given } = call;
  const fixed = await fixedSide(call);
  const other = fixed === "before" ? "after" : "before";
  const first = await readSide(options[fixed]);
  const kept = keptByMerge(first.spec);
  const path = await chooseModel({
    option: other,
    given: given.has(other) ? options[other] : undefined,
    usual: USUAL[other],
    canTake: ({ checkpoint, spec }) =>
      checkpoint.manifest !== undefined &&
      (spec.form === "merged") === (other === "after") &&
      keptByMerge(spec) === kept,
    standsIn: () => true,
    ofSeveral: "none",
    make: ["bn-merge"],
    onEvent,
  });
  const second = await readSide(path);
  if (keptByMerge(second.spec) !== kept) {
    throw usageError(
      `${path} is no ${other === "after" ? "merge" : "origin"} of ${options[fixed]}: one holds ${keptByMerge(second.spec)}, the other ${kept}.`,
      `Give both files of one merge with ${option("before")} and ${option("after")}; different nets can be compared as such.`,
      { code: "files-of-two-merges" },
    );
  }
  return fixed === "before" ? { before: first, after: second } : { before: second, after: first };
};
