import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { loadCommands } from "../../../src/cli/commands.js";
import { qprune } from "../run.js";

const commands = await loadCommands();

const hasShell = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

/** The completions that bash offers for the last of the words. */
const offered = async (...words: string[]): Promise<string[]> => {
  const { stdout } = await qprune(["completion", "bash"]);
  const line = `
    ${stdout}
    COMP_WORDS=(qprune ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}
    _qprune; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", line], { encoding: "utf8" }).split("\n").filter(Boolean);
};

describe.skipIf(!hasShell("bash"))("in bash", () => {
  test("commands are completed", async () => {
    expect(await offered("bn")).toEqual(["bn-merge", "bn-merge-test"]);
    expect(await offered("")).toEqual(
      commands.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias])),
    );
  });

  test("flags of the command are completed, including --no- flags", async () => {
    expect(await offered("wqaq", "--W")).toEqual(["--Wbits", "--W"]);
    expect(await offered("wbwtab", "--no-a")).toEqual(["--no-alpha"]);
    expect(await offered("prune", "--sp")).toEqual(["--sparsity-regularization"]);
  });

  test("values of enumerations are completed; for other flags bash completes files", async () => {
    expect(await offered("wqaq", "--engine", "n")).toEqual(["native"]);
    expect(await offered("export", "--format", "")).toEqual([
      ...["packed", "safetensors", "tfjs", "onnx", "qonnx", "tflite", "web"],
    ]);
    expect(await offered("wqaq", "--resume", "x")).toEqual([]);
  });
});

test.skipIf(!hasShell("zsh"))("zsh takes its script", async () => {
  const { stdout } = await qprune(["completion", "zsh"]);
  const { status, stderr } = spawnSync("zsh", ["-n"], { input: stdout, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});

test("another shell is refused with the supported ones", async () => {
  const { code, stderr } = await qprune(["completion", "fish"]);
  expect(code).toBe(2);
  expect(stderr).toContain("expected bash or zsh");
});
