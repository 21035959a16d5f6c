import { dirname, join } from "node:path";
import { usageError } from "../../base/errors.js";
import { jsonText } from "../../base/visible-text.js";
import { writeCheckpoint } from "../../checkpoint/checkpoint.js";
import { weightsCodes, weightsState } from "../../checkpoint/net-weights.js";
import { writeFileAtomically } from "../../files/write-file-atomically.js";
import { netCost } from "../../models/net-cost.js";
import { stateNames } from "../../models/state-names.js";
import { absorbBetas } from "../../prune/absorb-betas.js";
import { maskWeights } from "../../prune/mask-weights.js";
import { smallerSpec } from "../../prune/smaller-spec.js";
import { transplant } from "../../prune/transplant.js";
import type { CommandContext } from "../../cli/command.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { checkFolder } from "../outputs/check-output-place.js";
import { callsThatMade, writeMadeHistory } from "../outputs/provenance.js";
import { chooseOutputFile, moveAside, samePlace } from "../outputs/output-file.js";
import { nextDataFlags } from "../../cli/testing/next-data-flags.js";
import { openTestData, type TestData } from "../images/open-test-data.js";
import { packageVersion } from "../../files/package-version.js";
import { planPruning } from "./plan-pruning.js";
import type { PruningCall } from "./pruning-call.js";
import { planJson, pruningJson } from "../../cli/pruning/pruning-json.js";
import { pruningNotices } from "../../cli/pruning/pruning-notices.js";
import type { PruningResult } from "./pruning-result.js";
import { pruningText } from "../../cli/pruning/pruning-text.js";
import { type ReadNet, readNet } from "./read-net.js";
import { testCandidates } from "./test-candidates.js";

/** @throws QpruneError (usage) where --plan is a file that is read or written, or cannot be written. */
const checkPlanPlace = async (
  plan: string | undefined,
  others: readonly (string | undefined)[],
): Promise<void> => {
  if (plan === undefined) return;
  if (!plan.endsWith(".json")) {
    throw usageError(`--plan ${plan}: the name must end in .json.`, "Give --plan NAME.json.");
  }
  await checkFolder(dirname(plan), "--plan");
  for (const other of others) {
    if (other !== undefined && (await samePlace(other, plan))) {
      throw usageError(`--plan ${plan} is the net's own file.`, "Give the plan another name.");
    }
  }
};

/** All that is computed without an engine. */
const prune = (call: PruningCall, read: ReadNet, dataFlags: readonly string[]) => {
  const { spec, weights, checkpoint } = read;
  const chosen = planPruning(call, spec, weights);
  const absorbed = absorbBetas(spec, weights, chosen.plan, call.options.absorb);
  const smallSpec = smallerSpec(spec, chosen.plan);
  const small = transplant(spec, absorbed.weights, chosen.plan);
  const names = stateNames(spec);
  const result: Omit<PruningResult, "tests" | "untested" | "file"> = {
    model: checkpoint.path,
    spec,
    smallSpec,
    importance: call.options.importance,
    share: chosen.share,
    multiple: call.multiple,
    layers: chosen.plan.layers.map((layer, at) => ({
      ...layer,
      name: names[at]?.norm ?? "",
      originalKept: chosen.originalWidths?.[at],
    })),
    betas: absorbed.reports,
    before: netCost(spec),
    after: netCost(smallSpec),
    dataFlags,
    notices: pruningNotices({ call, read, importance: chosen.importance, dataFlags }),
  };
  return { result, plan: chosen.plan, smallSpec, small };
};

/**
 * A pruning command from its options to the smaller net's file: plans, transplants, tests where there is
 * data, saves. Without data it needs no engine.
 */
export const runPruning = async (call: PruningCall, context: CommandContext): Promise<void> => {
  const { options } = call;
  const read = await readNet(call, context);
  const { spec, weights, checkpoint } = read;
  const { result, plan, smallSpec, small } = prune(
    call,
    read,
    await nextDataFlags(call, checkpoint, "train"),
  );
  const path = options.dry_run
    ? undefined
    : await chooseOutputFile({
        ...options,
        defaultPath: join("models_save", "prune", `${spec.arch}_prune.safetensors`),
        inputs: [checkpoint.path],
      });
  await checkPlanPlace(options.plan, [checkpoint.path, path]);
  const data: TestData = options.dry_run
    ? { kind: "none", why: "--dry-run" }
    : await openTestData(
        options,
        call.given,
        {
          path: checkpoint.path,
          dataSet: storedDataSetInfo(checkpoint),
          classes: spec.classes,
        },
        context,
      );
  const tests =
    data.kind === "found"
      ? await testCandidates(
          {
            before: { label: "whole", spec, weights },
            masked: { label: "masked", spec, weights: maskWeights(weights, plan) },
            pruned: { label: "pruned", spec: smallSpec, weights: small },
          },
          read,
          data.dataSet,
          call,
          context,
        )
      : undefined;
  if (path !== undefined) {
    const origin = await callsThatMade(checkpoint);
    await moveAside(path);
    await writeCheckpoint(path, weightsState(smallSpec, small), {
      spec: smallSpec,
      dataSet: storedDataSetInfo(checkpoint),
      accuracy: tests?.pruned.accuracy,
      epoch: checkpoint.manifest?.epoch ?? 0,
      isFinished: true,
      ternaryCodes: weightsCodes(smallSpec, small),
      version: packageVersion(),
    });
    await writeMadeHistory(path, { ...call, origin }, context);
  }
  const untested = data.kind === "none" && !options.dry_run ? data.why : undefined;
  const whole: PruningResult = { ...result, tests, untested, file: path };
  if (options.plan !== undefined) {
    const text = `${jsonText(planJson(whole), 2)}\n`;
    await writeFileAtomically(options.plan, [new TextEncoder().encode(text)]);
  }
  const shown = options.json ? `${jsonText(pruningJson(whole))}\n` : pruningText(whole);
  context.stdout.write(shown);
};
