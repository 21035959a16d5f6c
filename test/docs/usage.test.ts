import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commands } from "../../src/cli/commands.js";
import { usagePage } from "../../src/cli/docs/usage-page.js";

test("docs/usage.md is what the option schemas say (npm run docs writes it)", () => {
  expect(readFileSync(new URL("../../docs/usage.md", import.meta.url), "utf8")).toBe(
    usagePage(commands),
  );
});

test("every command has two examples, and each begins with its name", () => {
  for (const { name, examples } of commands) {
    expect(examples.length, name).toBeGreaterThanOrEqual(2);
    for (const example of examples) expect(example.split(" ")[0], example).toBe(name);
  }
});
