import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { referenceReport, runReference } from "./run-reference.js";

/** The folder of QPRUNE_FIXTURES, else the choice that is committed here. */
const folder = process.env.QPRUNE_FIXTURES ?? fileURLToPath(new URL("./fixtures", import.meta.url));

/** Checks every case of the fixtures on an engine and prints passed and failed for each kind. */
export const expectAgreement = async (engine: "native" | "js"): Promise<void> => {
  await loadEngine({ engine, notify: () => {} });
  const results = await runReference(folder, engine);
  process.stdout.write(
    `Reference values, ${engine} engine (${folder}):\n${referenceReport(results)}\n`,
  );
  expect(results.flatMap(({ failures }) => failures)).toEqual([]);
  expect(results.some(({ passed }) => passed > 0)).toBe(true);
};
