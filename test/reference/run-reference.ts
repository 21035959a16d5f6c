import { tf } from "../../src/tensor/tf.js";
import { checkMerge, checkMergeInputs } from "./checks/bn-merge.js";
import type { Check } from "./checks/check.js";
import { checkModel } from "./checks/model.js";
import { isBuiltFamily } from "./checks/model-case.js";
import { checkModelInit } from "./checks/model-init.js";
import {
  checkChannelShuffle,
  checkDoReFaActivation,
  checkDoReFaWeight,
  checkLrSchedule,
  checkUniformQuantize,
} from "./checks/operations.js";
import { checkGroupedPrune, checkPrune, checkPruneInit } from "./checks/prune.js";
import { checkPth, checkPthRefuse } from "./checks/pth.js";
import { checkSparseStep } from "./checks/sparse-step.js";
import {
  checkBinaryActivation,
  checkWeightEdge,
  checkWeightSequence,
} from "./checks/swapped-weights.js";
import { createFindings } from "./compare.js";
import { type FixtureCase, openFixtures } from "./fixtures.js";

/** Kinds of one operation each, which run on every engine. */
const OPERATIONS: Readonly<Record<string, Check>> = {
  "dorefa-weight": checkDoReFaWeight,
  "uniform-quantize": checkUniformQuantize,
  "dorefa-activation": checkDoReFaActivation,
  "channel-shuffle": checkChannelShuffle,
  "lr-schedule": checkLrSchedule,
  "weight-sequence": checkWeightSequence,
  "weight-edge": checkWeightEdge,
  "binary-activation": checkBinaryActivation,
};

/** Kinds of files that are read in another format than the fixtures' own, without an engine. */
const FILES: Readonly<Record<string, Check>> = { pth: checkPth, "pth-refuse": checkPthRefuse };

const MODELS: Readonly<Record<string, Check>> = { "model-init": checkModelInit, model: checkModel };

/** Kinds that compute with whole float nets; the JavaScript engine is too slow for them. */
const NETS: Readonly<Record<string, Check>> = {
  "sparse-step": checkSparseStep,
  "prune-init": checkPruneInit,
  prune: checkPrune,
  "gc-prune": checkGroupedPrune,
  "bn-merge-inputs": checkMergeInputs,
  "bn-merge": checkMerge,
};

/** Results of one kind; `failures` has a line for each case that failed. */
export interface KindResult {
  readonly kind: string;
  passed: number;
  readonly failures: string[];
  skipped: number;
}

/** The kind as the summary shows it: models are counted by family. */
const shownKind = ({ kind, params }: FixtureCase): string =>
  kind in MODELS ? `${kind} (${String(params.family ?? "?")})` : kind;

const checkOf = (fixture: FixtureCase, engine: "native" | "js"): Check | undefined => {
  const operation = OPERATIONS[fixture.kind] ?? FILES[fixture.kind];
  if (operation || engine === "js") return operation;
  const nets = NETS[fixture.kind];
  if (nets) return nets;
  return isBuiltFamily(fixture.params) ? MODELS[fixture.kind] : undefined;
};

/** Checks every case of a fixtures folder whose kind the product has; the others count as skipped. */
export const runReference = async (
  folder: string,
  engine: "native" | "js",
): Promise<KindResult[]> => {
  const fixtures = await openFixtures(folder);
  const results = new Map<string, KindResult>();
  for (const fixture of fixtures.cases) {
    const kind = shownKind(fixture);
    const result = results.get(kind) ?? { kind, passed: 0, failures: [], skipped: 0 };
    results.set(kind, result);
    const check = checkOf(fixture, engine);
    if (!check) {
      result.skipped++;
      continue;
    }
    const findings = createFindings();
    tf.engine().startScope();
    try {
      const tensors = fixture.kind in FILES ? new Map() : await fixtures.tensorsOf(fixture);
      await check({ fixture, tensors, fixtures, findings });
    } catch (error) {
      findings.problems.push(error instanceof Error ? error.message : String(error));
    } finally {
      tf.engine().endScope();
    }
    if (findings.problems.length === 0) result.passed++;
    else result.failures.push(`${fixture.name}: ${findings.problems.slice(0, 5).join("; ")}`);
  }
  return [...results.values()];
};

/** The results as a table, with the failures below. */
export const referenceReport = (results: readonly KindResult[]): string => {
  const rows = results.map(({ kind, passed, failures, skipped }) =>
    skipped > 0 && passed === 0 && failures.length === 0
      ? `  ${kind.padEnd(28)} ${skipped} skipped`
      : `  ${kind.padEnd(28)} ${passed} passed, ${failures.length} failed`,
  );
  const failures = results.flatMap((result) => result.failures.map((line) => `  FAILED ${line}`));
  return [...rows, ...failures].join("\n");
};
