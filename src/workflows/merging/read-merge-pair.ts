import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { exists } from "../../files/reading/exists.js";
import { widthsOf } from "../../models/chains/chain-spec.js";
import { isChain, type NetSpec } from "../../models/net-spec.js";
import { MERGED_FILE, QUANTIZED_FILE } from "../../options/commands/merge-options.js";
import { describeQuantization } from "../../options/describe-quantization.js";
import type { WorkflowContext } from "../context.js";
import { chooseModel } from "../nets/choose-model.js";
import type { StoredNet } from "../nets/stored-net.js";
import type { MergeTestCall } from "./merge-call.js";

type Side = "before" | "after";
const DEFAULT_FILES = { before: QUANTIZED_FILE, after: MERGED_FILE } as const;

/** Reads one file of a merge; both record their spec. */
const readSide = async (path: string): Promise<StoredNet> => {
  const checkpoint = await loadCheckpoint(path);
  if (checkpoint.manifest) return { checkpoint, spec: checkpoint.manifest.spec };
  throw usageError(`${path} does not record its net.`, "Give the two files that a merge wrote.");
};

/** Everything about a net that a merge does not change, in words. */
const describeUnchanged = (spec: NetSpec): string => {
  const { arch, classes, input, quantization } = spec;
  const images = `${input.channels}x${input.height}x${input.width}`;
  const cfg = isChain(spec) ? `cfg ${widthsOf(spec).join(",")}; ` : "";
  const net = `${arch} (${cfg}${classes} classes, images ${images})`;
  return `${net}, ${describeQuantization(quantization)}`;
};

/** The side whose file is certain: one that is given, or else one whose default file exists. */
const fixedSide = async ({ given }: MergeTestCall): Promise<Side> => {
  for (const side of ["before", "after"] as const) if (given.has(side)) return side;
  for (const side of ["before", "after"] as const)
    if (await exists(DEFAULT_FILES[side])) return side;
  throw usageError(
    `Neither ${QUANTIZED_FILE} nor ${MERGED_FILE} exists.`,
    `Merge a net first, or give ${option("before")} FILE and ${option("after")} FILE.`,
    { code: "no-merged-pair" },
  );
};

/**
 * Reads the files of `before` and `after`. If one is not given, and its default file is missing or not from the same
 * merge as the other, the only file in its folder that is from that merge is used instead.
 * @throws QpruneError (usage) if there is no such file, or the files are not from the same merge.
 */
export const readMergePair = async (
  call: MergeTestCall,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): Promise<Record<Side, StoredNet>> => {
  const { options, given } = call;
  const fixed = await fixedSide(call);
  const other = fixed === "before" ? "after" : "before";
  const first = await readSide(options[fixed]);
  const unchanged = describeUnchanged(first.spec);
  const path = await chooseModel({
    option: other,
    given: given.has(other) ? options[other] : undefined,
    defaultFile: DEFAULT_FILES[other],
    accepts: ({ checkpoint, spec }) =>
      checkpoint.manifest !== undefined &&
      (spec.form === "merged") === (other === "after") &&
      describeUnchanged(spec) === unchanged,
    mayStandIn: () => true,
    whenSeveral: "none",
    make: ["bn-merge"],
    onEvent,
  });
  const second = await readSide(path);
  if (describeUnchanged(second.spec) !== unchanged) {
    throw usageError(
      `${path} and ${options[fixed]} are not from the same merge: one is ${describeUnchanged(second.spec)}, the other ${unchanged}.`,
      `Give both files of one merge with ${option("before")} and ${option("after")}, or compare them as different nets.`,
      { code: "files-of-two-merges" },
    );
  }
  return fixed === "before" ? { before: first, after: second } : { before: second, after: first };
};
