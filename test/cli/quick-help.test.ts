import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadCommands } from "../../src/cli/commands.js";
import { commandHelp } from "../../src/cli/shown-option.js";
import { qprune } from "./run.js";

const program = (...argv: string[]) =>
  spawnSync(process.execPath, ["bin/qprune.js", ...argv], { encoding: "utf8" });

describe("help and version, which load no schema", () => {
  test("are printed from the data that the build recorded for all commands", async () => {
    const help = (await loadCommands()).map(commandHelp);
    const written = JSON.parse(readFileSync("dist/cli/command-help.json", "utf8"));
    // Undefined members are not written.
    expect(written).toEqual(JSON.parse(JSON.stringify(help)));
  });

  test.each([[["--help"]], [["-h"]], [["wqaq", "--help"]], [["gc-prune", "-h"]]])(
    "%j prints the same as the whole program",
    async (argv) => {
      const { stdout, status } = program(...argv);
      expect(status).toBe(0);
      expect(stdout).toBe((await qprune(argv)).stdout);
    },
  );

  test("the version is the package's", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    for (const flag of ["-v", "--version"]) expect(program(flag).stdout).toBe(`${version}\n`);
  });

  test("loads neither zod nor TensorFlow.js for the help of a command", () => {
    const { stderr } = spawnSync(
      process.execPath,
      ["--trace-deprecation", "bin/qprune.js", "wqaq", "--help"],
      { encoding: "utf8", env: { ...process.env, NODE_DEBUG: "esm" } },
    );
    expect(stderr).toContain("quick-help.js");
    expect(stderr).not.toMatch(/node_modules\/(zod|@tensorflow)\//);
  });
});
