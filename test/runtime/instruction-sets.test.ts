import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";

const isLong = process.env.QPRUNE_LONG_TESTS === "1";
const inProject = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Processors that lack one take the next; the addon chooses once per process. */
describe.skipIf(!isLong)("the native kernels compute the same with", () => {
  test.each(["vnni256", "avxvnni", "avx2"])("%s", (instructions) => {
    const vitest = inProject("node_modules/vitest/vitest.mjs");
    const env = { ...process.env, QPRUNE_RUNTIME_ISA: instructions, QPRUNE_LONG_TESTS: "" };
    execFileSync(process.execPath, [vitest, "run", inProject("test/runtime/native.test.ts")], {
      cwd: inProject("."),
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  });
});
