import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { loadCommands } from "../../src/cli/commands.js";
import { flagOf } from "../../src/options/flag.js";
import { fileName, isUnexpandedHome } from "../../src/options/values/file-name.js";

const commands = await loadCommands();

test.each(["~", "~/x.safetensors", "~me/x", "~/"])(
  "%s is a home folder that the shell did not expand",
  (path) => {
    expect(isUnexpandedHome(path)).toBe(true);
    const problem = fileName().safeParse(path).error?.issues[0]?.message;
    expect(problem).toMatch(/does not start with ~.*\$HOME.*\.\/~/);
  },
);

test.each(["./~/x", "a~/x", "x/~/y", "~lock.json", "-~/x"])("%s is an ordinary path", (path) => {
  expect(isUnexpandedHome(path)).toBe(false);
  expect(fileName().parse(path)).toBe(path);
});

/** Every option and argument that takes a path, by how its flag or argument names its value. */
const pathOptions = commands.flatMap(({ name, schema, arguments: positional = [] }) => {
  const flags = Object.entries(schema.shape as Record<string, z.ZodType>).filter(([, option]) =>
    /<(file|dir|folder|path|net)\b/i.test(flagOf(option)?.flag ?? ""),
  );
  const keys = [...flags.map(([key]) => key), ...positional.map(({ key }) => key)];
  return keys.map((key) => ({ name, key, option: schema.shape[key] as z.ZodType }));
});

describe("an option that takes a path refuses a ~", () => {
  test("and there are many such options", () => expect(pathOptions.length).toBeGreaterThan(40));

  // Their arguments are the name of a shell, and a command.
  const others = ["completion", "launch"];
  test.each(pathOptions.filter(({ name }) => !others.includes(name)))(
    "$name $key",
    ({ option }) => {
      // --arch also checks the ending.
      const text = "~/net.json";
      const problems = [text, [text]].map((value) => JSON.stringify(option.safeParse(value).error));
      expect(problems.some((problem) => problem?.includes("does not start with ~"))).toBe(true);
    },
  );
});
