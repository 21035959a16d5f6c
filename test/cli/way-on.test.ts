import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { stateWayOn, withWayOn } from "../../src/cli/training/resume-hint.js";

const here = fileURLToPath(import.meta.url);
const full = new QpruneError("Cannot write a: the disk is full.", { hint: "Free some space." });

test("a run that failed says how to go on from its training state", () => {
  const told = withWayOn(full, stateWayOn("wqaq", here)) as QpruneError;
  expect(told.message).toBe(full.message);
  expect(told.hint).toBe(
    `Free some space. Then go on from the last training state with: qprune wqaq --resume ${here}`,
  );
  const outOfMemory = new Error("OOM when allocating tensor");
  const memory = withWayOn(outOfMemory, stateWayOn("prune", here)) as QpruneError;
  expect(memory.message).toMatch(/memory ran out/);
  expect(memory.hint).toContain(`qprune prune --resume ${here}`);
});

test("without a state, and for a command that was called wrongly, the error stays", () => {
  expect(withWayOn(full, stateWayOn("wqaq", `${here}.gone`))).toBe(full);
  const usage = new QpruneError("wrong", { kind: "usage" });
  expect(withWayOn(usage, stateWayOn("wqaq", here))).toBe(usage);
  const bug = new Error("a bug");
  expect(withWayOn(bug, stateWayOn("wqaq", here))).toBe(bug);
});
