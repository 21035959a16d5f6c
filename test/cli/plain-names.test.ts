import { describe, expect, test } from "vitest";
import { loadCommands } from "../../src/cli/commands.js";
import { withReferenceName } from "../../src/cli/plain-names.js";
import { qprune } from "./run.js";

describe("plain names of commands", () => {
  test.each([
    ["train -sr --s 0.001", "prune -sr --s 0.001"],
    ["quantize --Wbits 4 --Abits 4", "wqaq --Wbits 4 --Abits 4"],
    ["quantize", "wqaq"],
    ["quantize --W 2 --A 2", "wbwtab --W 2 --A 2"],
    ["quantize --W=3 --Abits 8", "wbwtab --W=3 --Abits 8"],
    ["quantize --A 2 --Wbits 4", "wqaq --A 2 --Wbits 4"],
    ["prune-channels --percent 0.5", "normal-regular-prune --percent 0.5"],
    ["prune-channels --grouped --percent 0.5", "gc-prune --percent 0.5"],
    ["merge --W 2", "bn-merge --W 2"],
    ["merge-test --json", "bn-merge-test --json"],
    ["wbwtab --W 2", "wbwtab --W 2"],
  ])("%s is %s", (plain, reference) => {
    expect(withReferenceName(plain.split(" "))).toEqual(reference.split(" "));
  });

  test("no alias is the name of another command", async () => {
    const commands = await loadCommands();
    const names = commands.flatMap(({ name, alias }) =>
      alias === undefined ? [name] : [name, alias],
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test("an alias has the help of its command, and both are listed under a heading", async () => {
    const alias = await qprune(["quantize", "--help"]);
    expect(alias.code).toBe(0);
    expect(alias.stdout).toBe((await qprune(["wqaq", "--help"])).stdout);
    const { stdout } = await qprune(["--help"]);
    const headings = ["Train:", "Compress:", "Inspect:", "Convert:", "Set up:"];
    const places = headings.map((heading) => stdout.indexOf(`\n${heading}\n`));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    for (const name of ["prune|train", "wqaq|quantize", "bn-merge|merge"])
      expect(stdout).toContain(name);
  });

  test("an invalid value is refused by the flag of the aliased command", async () => {
    const run = await qprune(["merge", "--W", "7"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("--W 7");
  });
});
