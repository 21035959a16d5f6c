// npm test: makes a fresh clone ready, then runs every test. Arguments go to vitest.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { prepare, setUpEngine } from "./lib/prepare.js";
import { root, runMain, runNode } from "./lib/run.js";
import { say } from "./lib/say.js";

/** Also runs what takes minutes; the tests ask for the variable. */
const LONG = "--long";
const REFERENCE = "scripts/test-reference.js";

await runMain(async () => {
  const given = process.argv.slice(2);
  const passed = given.filter((argument) => argument !== LONG);
  const env = given.includes(LONG) ? { QPRUNE_LONG_TESTS: "1" } : {};
  await prepare();
  if (!(await setUpEngine())) {
    say("Without the native engine, the tests that need it will fail");
  }
  say("Running the tests (vitest)");
  const code = await runNode(["node_modules/vitest/vitest.mjs", "run", ...passed], { env });
  // A choice of tests is not followed by the reference values.
  if (code !== 0 || passed.length > 0 || !existsSync(join(root, REFERENCE))) return code;
  say("Checking the reference values");
  return runNode([REFERENCE]);
});
