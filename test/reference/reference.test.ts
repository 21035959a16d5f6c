import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { referenceReport, runReference } from "./run-reference.js";

const folder = process.env.QPRUNE_FIXTURES ?? fileURLToPath(new URL("./fixtures", import.meta.url));
const engine = process.env.QPRUNE_REFERENCE_ENGINE === "js" ? "js" : "native";

test(`the product agrees with the reference values on the ${engine} engine`, async () => {
  await loadEngine({ engine, notify: () => {} });
  const results = await runReference(folder, engine);
  process.stdout.write(
    `Reference values in ${folder}, ${engine} engine:\n${referenceReport(results)}\n`,
  );
  expect(results.flatMap(({ failures }) => failures)).toEqual([]);
  expect(results.some(({ passed }) => passed > 0)).toBe(true);
});
