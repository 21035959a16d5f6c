import { expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { withResumeHint } from "../../../src/cli/training/resume-hint.js";

const full = new QpruneError("Cannot write a: the disk is full.", { hint: "Free some space." });
const ADVICE = "resume from the last training state with: qprune wqaq --resume a.state.safetensors";

test("the error of a failed run includes how to resume it", () => {
  const shown = withResumeHint(full, ADVICE) as QpruneError;
  expect(shown.message).toBe(full.message);
  expect(shown.hint).toBe(`Free some space. Then ${ADVICE}`);
  const memory = withResumeHint(new Error("OOM when allocating tensor"), ADVICE) as QpruneError;
  expect(memory.message).toMatch(/^Out of memory/);
  expect(memory.hint).toContain(ADVICE);
});

test("without a training state, and for wrong calls, the error is unchanged", () => {
  expect(withResumeHint(full, undefined)).toBe(full);
  const usage = new QpruneError("wrong", { kind: "usage" });
  expect(withResumeHint(usage, ADVICE)).toBe(usage);
  const bug = new Error("a bug");
  expect(withResumeHint(bug, ADVICE)).toBe(bug);
});
