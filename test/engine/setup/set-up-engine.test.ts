import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { flagAdvice } from "../../../src/cli/advice-by-error-code.js";
import { setUpEngine } from "../../../src/engine/setup/set-up-engine.js";
import { isProcessAlive } from "../../../src/files/locks/process-identity.js";
import {
  FAKE_COMPILER,
  fakePip,
  recordingReporter,
  type TemporaryMachine,
  temporaryFolder,
  temporaryMachine,
} from "./temporary-machine.js";

const setUp = (
  { machine }: TemporaryMachine,
  options: { wheelFile?: string; signal?: AbortSignal } = {},
) => setUpEngine({ machine, reporter: recordingReporter(), ...options });

/** The error of a set-up that must fail. */
const failureOf = async (attempt: Promise<unknown>): Promise<QpruneError> => {
  const error = await attempt.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof QpruneError) return error;
  throw new Error(`expected a QpruneError, got ${String(error)}`);
};

const withCompiler = (pip?: string): TemporaryMachine => {
  const machine = temporaryMachine();
  machine.addProgram("g++", FAKE_COMPILER);
  if (pip !== undefined) machine.addProgram("python3", fakePip(pip));
  return machine;
};

const leftIn = ({ cache }: TemporaryMachine): string[] => readdirSync(join(cache, "qprune"));

describe("a failing set-up names a remedy and leaves no files", () => {
  test("without a compiler, before anything is downloaded", async () => {
    const machine = temporaryMachine();
    machine.addProgram("python3", fakePip("exit 9"));
    const error = await failureOf(setUp(machine));
    expect(error.message).toContain("needs a C++ compiler");
    expect(error.hint).toContain("apt-get install g++");
    expect(leftIn(machine)).toEqual([]);
  });

  test("with a CXX that does not run", async () => {
    const found = withCompiler();
    const machine = { ...found.machine, env: { ...found.machine.env, CXX: "no-such-c++ -m64" } };
    const error = await failureOf(setUp({ ...found, machine }));
    expect(error.message).toContain("CXX=no-such-c++ -m64 does not run");
  });

  test("without pip", async () => {
    const error = await failureOf(setUp(withCompiler()));
    expect(error.message).toContain("Python 3 with pip");
    expect(error.hint).not.toMatch(/qprune |--wheel/);
    expect(flagAdvice(error)).toContain("qprune setup --wheel FILE");
  });

  test("when pip fails, with pip's own reason", async () => {
    const machine = withCompiler('echo "ERROR: No matching distribution found" >&2; exit 1');
    const error = await failureOf(setUp(machine));
    expect(error.message).toContain("No matching distribution found");
    expect(flagAdvice(error)).toMatch(
      /qprune setup --wheel FILE\. Fetch it with: python3 -m pip download/,
    );
    expect(leftIn(machine)).toEqual([]);
  });

  test("when pip brings another file", async () => {
    const machine = withCompiler('echo other > "$TARGET/tensorflow_cpu.whl"');
    const error = await failureOf(setUp(machine));
    expect(error.message).toContain("it has 6 bytes instead of 230236181");
    expect(leftIn(machine)).toEqual([]);
  });

  test("when the disk is full", async () => {
    const machine = withCompiler('echo "ERROR: [Errno 28] No space left on device" >&2; exit 1');
    const error = await failureOf(setUp(machine));
    expect(error.message).toContain("is full");
    expect(error.hint).toContain("XDG_CACHE_HOME");
    expect(leftIn(machine)).toEqual([]);
  });

  test("with a given wheel that is another file", async () => {
    const wheelFile = join(temporaryFolder(), "file.whl");
    writeFileSync(wheelFile, "other");
    const machine = withCompiler();
    const error = await failureOf(setUp(machine, { wheelFile }));
    expect(error.message).toContain("is not tensorflow_cpu-2.18.1");
    expect(error.hint).toContain("pip download");
    expect(existsSync(wheelFile)).toBe(true);
  });

  test("if the cache cannot be written", async () => {
    const machine = withCompiler();
    mkdirSync(dirname(machine.cache), { recursive: true });
    // A file in the folder's place stops everybody, root included.
    writeFileSync(machine.cache, "a file");
    const error = await failureOf(setUp(machine));
    expect(error.message).toContain("cannot be written");
    expect(error.hint).toContain("XDG_CACHE_HOME=FOLDER");
  });

  test("on a machine that TensorFlow has no libraries for", async () => {
    const found = temporaryMachine();
    const error = await failureOf(setUp({ ...found, machine: { ...found.machine, arch: "mips" } }));
    expect(error.message).toContain("no native engine for this linux-mips machine");
  });
});

test("an interrupted set-up ends pip and leaves no files", async () => {
  const machine = withCompiler('echo $$ > "$TARGET/../../pid"; exec sleep 30');
  const controller = new AbortController();
  const attempt = setUp(machine, { signal: controller.signal }).catch((cause: unknown) => cause);
  const pidFile = join(machine.cache, "qprune", "pid");
  while (!existsSync(pidFile)) await sleep(10);
  await sleep(20);
  const pid = Number(readFileSync(pidFile, "utf8"));
  expect(isProcessAlive(pid)).toBe(true);
  controller.abort();
  expect(await attempt).toMatchObject({ name: "AbortError" });
  expect(isProcessAlive(pid)).toBe(false);
  expect(leftIn(machine)).toEqual(["pid"]);
});

test("the next set-up deletes the files of an interrupted one", async () => {
  const machine = withCompiler("exit 1");
  const leftover = join(machine.cache, "qprune", ".partial-4194305-abc");
  mkdirSync(leftover, { recursive: true });
  await failureOf(setUp(machine));
  expect(existsSync(leftover)).toBe(false);
});
