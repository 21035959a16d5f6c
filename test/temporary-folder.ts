import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives a run of the tests its own empty temporary folder and removes it at the end, with all that the tests left. */
export default (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-tests-"));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
};
