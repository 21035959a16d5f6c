// npm test: prepares a fresh clone, then runs every test. Arguments go to vitest.
import { prepare, setUpEngine } from "./lib/prepare.js";
import { runMain, runNode } from "./lib/run.js";
import { say } from "./lib/say.js";

/** Also runs tests that take minutes; they check the variable. */
const LONG = "--long";

await runMain(async () => {
  const given = process.argv.slice(2);
  const passed = given.filter((argument) => argument !== LONG);
  const env = given.includes(LONG) ? { QPRUNE_LONG_TESTS: "1" } : {};
  await prepare();
  if (!(await setUpEngine())) {
    say("Without the native engine, the tests that need it will fail");
  }
  say("Running the tests (vitest)");
  return runNode(["node_modules/vitest/vitest.mjs", "run", ...passed], { env });
});
