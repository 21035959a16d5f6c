import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/engine/diagnosis/diagnose.js";
import {
  FAKE_COMPILER,
  fakePip,
  type TemporaryMachine,
  temporaryMachine,
} from "../setup/temporary-machine.js";

const examine = ({ machine }: TemporaryMachine, env: Record<string, string> = {}) =>
  diagnose({
    machine: { ...machine, env: { ...machine.env, ...env } },
    packageVersion: "1.2.3",
    probe: () => Promise.reject(new Error("not to be called")),
  });

describe("the diagnosis of a machine without engine", () => {
  test("names what is missing, and what to do about each", async () => {
    const { problems, engine, versions } = await examine(temporaryMachine());
    expect(problems.map(({ what }) => what)).toEqual([
      "No C++ compiler was found.",
      "No Python 3 with pip was found.",
      "The native engine is not set up.",
    ]);
    expect(engine.isUsable).toBe(false);
    expect(versions).toMatchObject({ qprune: "1.2.3", compiler: null, pip: null, npm: null });
  });

  test("finds the compiler and pip on the PATH", async () => {
    const found = temporaryMachine();
    found.addProgram("g++", FAKE_COMPILER);
    found.addProgram("python3", fakePip("exit 1"));
    const { problems, versions } = await examine(found);
    expect(versions).toMatchObject({ compiler: "fake g++ 13", pip: "24.0" });
    expect(problems).toEqual([
      {
        what: "The native engine is not set up.",
        remedy: "Set it up.",
        code: "engine-not-set-up",
      },
    ]);
  });

  test("reports that oneDNN is off, and the requested number of threads", async () => {
    const env = { TF_ENABLE_ONEDNN_OPTS: "0", TF_NUM_INTRAOP_THREADS: "3" };
    const { problems, machine } = await examine(temporaryMachine(), env);
    expect(machine).toMatchObject({ isOneDnnOn: false, threads: 3 });
    expect(problems.map(({ what }) => what).join()).toContain("oneDNN is off");
  });

  test("finds no cache folder without a home folder, and completes without one", async () => {
    const { machine } = temporaryMachine();
    const { XDG_CACHE_HOME: _, ...env } = machine.env;
    const homeless = { ...machine, env, homeFolder: undefined };
    const { problems, cache } = await diagnose({
      machine: homeless,
      packageVersion: "1.2.3",
      probe: () => Promise.reject(new Error("not to be called")),
    });
    expect(cache.folder).toBeNull();
    expect(problems.at(-1)?.remedy).toContain("XDG_CACHE_HOME=");
  });

  test("changes nothing", async () => {
    const found = temporaryMachine();
    const { cache } = await examine(found);
    expect(cache.parts.find(({ name }) => name === "libraries")?.megabytes).toBe(0);
  });
});
