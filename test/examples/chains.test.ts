import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { loadCommands } from "../../src/cli/commands.js";
import { runCli } from "../../src/cli/main.js";

const commands = await loadCommands();

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A replacement for qprune that logs how it is called, and fails in the command that FAIL names. */
const standIn = join(folder, "stand-in.sh");
const log = join(folder, "log");
writeFileSync(
  standIn,
  `#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done >>"${log}"
printf -- '--end--\\n' >>"${log}"
if [ "$1" = "\${FAIL:-}" ]; then exit 3; fi
`,
);
chmodSync(standIn, 0o755);

/** Runs a script and gives the arguments of each call of qprune. */
const callsOf = (script: string, env: Record<string, string> = {}): string[][] => {
  rmSync(log, { force: true });
  try {
    execFileSync("sh", [join(examples, script)], {
      env: { PATH: process.env.PATH, QPRUNE: standIn, ...env },
      stdio: "pipe",
    });
  } catch (error) {
    if (!env.FAIL) throw error;
    expect((error as { status: number }).status).toBe(3);
  }
  const text = existsSync(log) ? readFileSync(log, "utf8") : "";
  return text
    .split("--end--\n")
    .slice(0, -1)
    .map((call) => call.split("\n").slice(0, -1));
};

/** What a command of the command line makes of its arguments; undefined for one that is not there. */
const optionsOf = async (argv: readonly string[]): Promise<Record<string, unknown> | undefined> => {
  let options: Record<string, unknown> | undefined;
  let errors = "";
  const silent = { write: () => {}, isTTY: false, columns: 80 };
  const stderr = {
    ...silent,
    write: (more: string) => {
      errors += more;
    },
  };
  const context = { stdout: silent, stderr, env: {}, now: () => 0, signal: AbortSignal.any([]) };
  const command = commands.find(({ name }) => name === argv[0]);
  if (!command) return undefined;
  const recording = {
    ...command,
    run: async (call: { options: Record<string, unknown> }) => {
      options = call.options;
    },
  };
  await runCli(argv, context, [recording]);
  expect(errors).toBe("");
  return options;
};

const valueBehind = (words: readonly string[] = [], flag = ""): string | undefined =>
  words[words.indexOf(flag) + 1];

const TRAINING = ["prune", "wqaq", "wbwtab"];
const scripts = readdirSync(examples).filter((name) => name.endsWith(".sh"));

test("there is a chain for each net and each kind of quantization", () => {
  expect(scripts.sort()).toEqual([
    "nin-sparse-prune-refine-wbwtab.sh",
    "nin-sparse-prune-refine-wqaq.sh",
    "nin_gc-sparse-prune-refine-wbwtab.sh",
    "nin_gc-sparse-prune-refine-wqaq.sh",
  ]);
});

describe.each(scripts)("%s", (script) => {
  const arch = script.startsWith("nin_gc") ? "nin_gc" : "nin";
  const last = script.includes("wqaq") ? "wqaq" : "wbwtab";
  const saved = (name: string) => `models_save/prune/${arch}_${name}.safetensors`;

  test("each command takes the file that the one before it writes", () => {
    const calls = callsOf(script);
    const pruning = arch === "nin" ? "normal-regular-prune" : "gc-prune";
    expect(calls.map(([command]) => command)).toEqual(["prune", pruning, "prune", last]);
    expect(calls[0]).toContain("-sr");
    expect(valueBehind(calls[1], "--model")).toBe(saved("preprune"));
    expect(valueBehind(calls[1], "--save")).toBe(saved("prune"));
    expect(valueBehind(calls[2], "--refine")).toBe(saved("prune"));
    expect(valueBehind(calls[3], "--refine")).toBe(saved("refine"));
  });

  test("the commands accept its flags, with the values of the reference scripts", async () => {
    const calls = callsOf(script);
    const options = await Promise.all(calls.map(optionsOf));
    const s = arch === "nin" ? 0.0001 : 0.001;
    expect(options[0]).toMatchObject({ arch, s, sparsity_regularization: true, data: "./data" });
    expect(options[2]).toMatchObject({ s: 0.0001, sparsity_regularization: false });
    const quantization = last === "wqaq" ? { Wbits: 8, Abits: 8 } : { W: 3, A: 2 };
    expect(options[3]).toMatchObject(quantization);
    expect(valueBehind(calls[1], "--percent")).toBe(arch === "nin" ? "0.5" : "0.4");
  });

  test("the variables reach the commands that they are for", () => {
    const calls = callsOf(script, {
      QPRUNE_ARGS: "--max-steps 5 --test-limit 100",
      QPRUNE_NET_ARGS: "--width 0.25",
      QPRUNE_PRUNE_ARGS: "--eval_batch_size 10",
      QPRUNE_DATA: "a folder",
    });
    for (const [at, call] of calls.entries()) {
      const isTraining = TRAINING.includes(call[0] ?? "");
      expect(call.includes("--max-steps")).toBe(isTraining);
      expect(call.includes("--width")).toBe(at === 0);
      expect(call.includes("--eval_batch_size")).toBe(!isTraining);
      expect(valueBehind(call, "--data")).toBe("a folder");
    }
  });

  test("stops with the first command that fails", () => {
    expect(callsOf(script, { FAIL: "prune" })).toHaveLength(1);
    expect(
      callsOf(script, { FAIL: arch === "nin" ? "normal-regular-prune" : "gc-prune" }),
    ).toHaveLength(2);
  });
});

test.each(["nin-sparse-prune-refine-wqaq.sh", "nin_gc-sparse-prune-refine-wbwtab.sh"])(
  "%s runs from the first step to the last",
  (script) => {
    const work = mkdtempSync(join(folder, "chain-"));
    const bin = fileURLToPath(new URL("../../bin/qprune.js", import.meta.url));
    const digits = "--dataset digits --test-limit 100";
    const output = execFileSync("sh", [join(examples, script)], {
      cwd: work,
      encoding: "utf8",
      stdio: "pipe",
      env: {
        ...process.env,
        QPRUNE: `${process.execPath} ${bin}`,
        QPRUNE_NET_ARGS: "--width 0.25",
        QPRUNE_ARGS: `${digits} --max-steps 5 --train-limit 250`,
        QPRUNE_PRUNE_ARGS: digits,
      },
    });
    const saved = [...output.matchAll(/^Saved ([^\s,]+)/gm)].map(([, file]) => file as string);
    expect(saved).toHaveLength(4);
    for (const file of saved) expect(existsSync(join(work, file))).toBe(true);
    expect(output).toMatch(/pruned \(100 images\)/);
  },
  120_000,
);
