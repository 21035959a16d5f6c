import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readTranscripts, recordCalls, wordsOf } from "../../scripts/lib/transcripts.js";
import { loadCommands } from "../../src/cli/commands.js";

const commands = await loadCommands();

const folder = mkdtempSync(join(tmpdir(), "qprune-outputs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What they print is about the machine. */
const OF_THE_MACHINE = ["setup", "doctor"];
/** One prints a script, one starts other commands, and one runs until it is stopped. */
const UNSHOWN = ["completion", "launch", "serve"];

/** They take half a minute on two cores. */
const TIMEOUT_MS = 600_000;

test("alternative words of results are recognized by what they have in common", () => {
  expect(wordsOf("+1 points, not significant on 9 images")).toEqual(
    wordsOf("+8 points, significant on 10 images"),
  );
  expect(wordsOf("2 channels kept, loss 0.3")).toEqual(wordsOf("1 channel kept, loss 2.1"));
  expect(wordsOf("loss")).toEqual(["loss"]);
});

const name =
  "the page of all commands shows what they print today (npm run docs:outputs records it)";
test(name, { timeout: TIMEOUT_MS }, async () => {
  const shown = readTranscripts();
  const found: string[] = [];
  await recordCalls(folder, (name, text) => {
    found.push(name);
    expect.soft(text.split("\n")[0], name).toBe(shown[name]?.split("\n")[0]);
    if (OF_THE_MACHINE.includes(name)) return;
    expect.soft(wordsOf(text), name).toEqual(wordsOf(shown[name] ?? ""));
  });
  const names = commands.map(({ name }) => name).filter((name) => !UNSHOWN.includes(name));
  expect(found.sort()).toEqual(names.sort());
});
