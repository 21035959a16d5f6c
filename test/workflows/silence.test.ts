import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Folders whose results are values and events; what is shown is up to the caller. */
const SILENT = ["base", "formats", "prune", "bnmerge", "analysis", "workflows", "recipes"];

test.each(SILENT)("src/%s writes to no stream and sets no exit code", (folder) => {
  const root = join("src", folder);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const loud = files
    .filter((name) => name.endsWith(".ts"))
    .filter((name) =>
      /process\.(stdout|stderr|exit|exitCode)|console\./.test(
        readFileSync(join(root, name), "utf8"),
      ),
    );
  expect(files.length).toBeGreaterThan(0);
  expect(loud).toEqual([]);
});
