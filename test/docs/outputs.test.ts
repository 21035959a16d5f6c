import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readTranscripts, recordCalls, wordsOf } from "../../scripts/lib/transcripts.js";
import { commands } from "../../src/cli/commands.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-outputs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What they print is about the machine. */
const OF_THE_MACHINE = ["setup", "doctor"];
/** It prints a script. */
const UNSHOWN = "completion";

test("the page of all commands shows what they print today (npm run docs:outputs records it)", async () => {
  const shown = readTranscripts();
  const found: string[] = [];
  await recordCalls(folder, (name, text) => {
    found.push(name);
    expect.soft(text.split("\n")[0], name).toBe(shown[name]?.split("\n")[0]);
    if (OF_THE_MACHINE.includes(name)) return;
    expect.soft(wordsOf(text), name).toEqual(wordsOf(shown[name] ?? ""));
  });
  const names = commands.map(({ name }) => name).filter((name) => name !== UNSHOWN);
  expect(found.sort()).toEqual(names.sort());
});
