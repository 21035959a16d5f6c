import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellCommand } from "../../src/options/names/shell-command.js";

const words = [
  "plain",
  "two words",
  "it's",
  "tab\there",
  "\u001b[31m'red'\\",
  "\u202egnp",
  "caf\u00e9",
];

test("a shown command has no control characters", () => {
  expect(shellCommand(words)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

// Bash reads \u escapes in the locale's encoding.
test("bash parses a shown command to the same words", () => {
  const script = `qprune() { printf '%s\\0' "$@"; }; ${shellCommand(words)}`;
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const read = execFileSync("bash", ["-c", script], { encoding: "utf8", env });
  expect(read.split("\0").slice(0, -1)).toEqual(words);
});
