import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const bin = fileURLToPath(new URL("../../bin/qprune.js", import.meta.url));
const ESCAPE = String.fromCharCode(27);

const errorWith = (env: Record<string, string>): string => {
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env;
  const { stderr } = spawnSync(process.execPath, [bin, "nonsense"], { env: { ...rest, ...env } });
  return stderr.toString();
};

test("errors are colored with FORCE_COLOR, and never with NO_COLOR", () => {
  expect(errorWith({ FORCE_COLOR: "1" })).toContain(`${ESCAPE}[31merror:`);
  expect(errorWith({ FORCE_COLOR: "1", NO_COLOR: "1" })).not.toContain(ESCAPE);
  expect(errorWith({})).not.toContain(ESCAPE);
});
