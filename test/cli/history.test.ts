import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { stateDigest } from "../../src/checkpoint/tensors/state-digest.js";
import {
  readHistory,
  type TrainingHistory,
} from "../../src/checkpoint/training/training-history.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { shellCommand } from "../../src/options/names/shell-command.js";
import { historyPathOf } from "../../src/workflows/history/history-path.js";
import { type CliRun, qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune history-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const DATA = ["--dataset", "digits", "--train-limit", "130", "--test-limit", "100"];
const SMALL = [...DATA, "--arch", "nin", "--width", "0.125", "--json", "--num_workers", "0"];
const wqaq = ["wqaq", ...SMALL, "--lr-drops", "2"];

const historyOf = async (name: string): Promise<TrainingHistory> => {
  const found = await readHistory(at(`${name}.history.json`));
  if (found.kind !== "found") throw new Error(`no history: ${JSON.stringify(found)}`);
  return found.history;
};

/** What a run printed of its epochs, as its history has it. */
const printed = ({ events }: CliRun) =>
  events
    .filter(({ event }) => event === "epoch")
    .map(({ epoch, trainLoss, trainAccuracy, testLoss, testAccuracy }) => ({
      epoch,
      trainLoss,
      trainAccuracy,
      testLoss,
      testAccuracy,
    }));

const results = ({ epochs }: TrainingHistory) =>
  epochs.map(({ learningRate: _, seconds: __, ...result }) => result);

describe("a history", () => {
  test("records every epoch as printed, the command, its options and the model", async () => {
    const argv = [...wqaq, "--epochs", "2", "--save", at("whole.safetensors")];
    const run = await qprune(argv);
    const history = await historyOf("whole");
    expect(results(history)).toEqual(printed(run));
    expect(history.epochs.map(({ learningRate }) => learningRate)).toEqual([0.01, 0.001]);
    for (const { seconds } of history.epochs) expect(seconds).toBeGreaterThan(0);
    const command = `qprune ${argv.slice(0, -1).join(" ")} '${at("whole.safetensors")}'`;
    expect(history.commands).toEqual([{ command, fromEpoch: 1 }]);
    expect(history.options).toMatchObject({ dataset: "digits", lr: 0.01, epochs: 2, Wbits: 8 });
    const { state } = await loadCheckpoint(at("whole.safetensors"));
    expect(history.model).toBe(stateDigest(state));
  });

  test("of an interrupted and resumed run is that of the whole run", async () => {
    const argv = [...wqaq, "--epochs", "3", "--log-every", "1"];
    const whole = await qprune([...argv, "--save", at("unbroken.safetensors")]);
    const save = ["--save", at("stopped.safetensors"), "--resume", "auto"];
    for (let stops = 0; stops < 2; stops++) {
      const controller = new AbortController();
      let steps = 0;
      await qprune([...argv, ...save], controller.signal, (text) => {
        if (text.includes('"event":"step"') && ++steps === 4) controller.abort();
      });
    }
    await qprune(["wqaq", "--resume", at("stopped.state.safetensors"), "--json"]);
    const history = await historyOf("stopped");
    expect(results(history)).toEqual(printed(whole));
    expect(results(await historyOf("unbroken"))).toEqual(printed(whole));
    expect(history.commands).toHaveLength(3);
    expect(history.commands.at(-1)?.command).toContain("--resume");
  });

  test("drops an epoch that a killed run recorded without saving its state", async () => {
    const save = ["--save", at("ahead.safetensors")];
    await qprune([...wqaq, ...save, "--epochs", "1"]);
    const history = JSON.parse(readFileSync(at("ahead.history.json"), "utf8"));
    history.epochs.push({ ...history.epochs[0], epoch: 2, testLoss: 99 });
    writeFileSync(at("ahead.history.json"), JSON.stringify(history));
    const run = await qprune([...wqaq, ...save, "--epochs", "2", "--resume", "auto"]);
    const [first, second] = results(await historyOf("ahead"));
    expect(first?.epoch).toBe(1);
    expect([second]).toEqual(printed(run));
  });

  test.each([
    ["damaged", "{", /is damaged/],
    ["missing", undefined, /does not exist/],
  ])("that is %s starts again with the epoch in the state", async (name, text, message) => {
    const save = ["--save", at(`${name}.safetensors`)];
    const first = await qprune([...wqaq, ...save, "--epochs", "1"]);
    const path = at(`${name}.history.json`);
    rmSync(path);
    if (text !== undefined) writeFileSync(path, text);
    const second = await qprune([...wqaq, ...save, "--epochs", "2", "--resume", "auto"]);
    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(message);
    const history = await historyOf(name);
    expect(results(history)).toEqual([...printed(first), ...printed(second)]);
    expect(history.epochs[0]?.seconds).toBeNull();
    if (text !== undefined) expect(readFileSync(`${path}.previous`, "utf8")).toBe(text);
  });

  test("is kept together with its model", async () => {
    const save = ["--save", at("twice.safetensors"), "--epochs", "1"];
    await qprune([...wqaq, ...save, "--seed", "2"]);
    const first = readFileSync(at("twice.history.json"));
    await qprune([...wqaq, ...save]);
    expect(readFileSync(at("twice.history.json.previous"))).toEqual(first);
    expect((await historyOf("twice")).commands).toHaveLength(1);
  });
});

describe("the history of a file that is made without training", () => {
  const callsOf = async (name: string): Promise<string[]> => {
    const { origin, commands } = await historyOf(name);
    return [...origin, ...commands.map(({ command }) => command)];
  };
  const trained = [...wqaq, "--max-steps", "2", "--save", at("chain.safetensors")];
  const prune = (from: string, to: string) =>
    qprune(["normal-regular-prune", "--model", at(from), "--save", at(to), "--force"]);

  test("never replaces the one that is kept with a trained net", async () => {
    await qprune(trained);
    const kept = readFileSync(at("chain.history.json"));
    await prune("chain.safetensors", "chain.safetensors");
    const file = at("chain.safetensors");
    await qprune(["export", file, "--format", "safetensors", "--save", file, "--force"]);
    expect(readFileSync(at("chain.history.json.previous"))).toEqual(kept);
    expect((await callsOf("chain")).map((call) => call.split(" ")[1])).toEqual([
      "wqaq",
      "normal-regular-prune",
      "export",
    ]);
  });

  test("is shared with the same net in another format", async () => {
    await prune("chain.safetensors.previous", "small.safetensors");
    const own = await callsOf("small");
    expect((await qprune(["convert", at("small.safetensors"), at("small.pth")])).code).toBe(0);
    expect(await callsOf("small")).toEqual(own);
  });

  test("does not replace that of a trained net when its name in another format is overwritten", async () => {
    const [file, converted] = [at("both.safetensors"), at("both.pth")];
    await qprune([...wqaq, "--max-steps", "2", "--save", file]);
    const own = readFileSync(at("both.history.json"));
    await qprune(["convert", file, converted]);
    expect((await prune("both.safetensors", "both.pth")).code).toBe(0);
    expect(existsSync(at("both.pth.previous"))).toBe(true);
    for (const kept of ["both.history.json", "both.history.json.previous"])
      expect(readFileSync(at(kept)), kept).toEqual(own);
  });
});

describe("a history that cannot be written", () => {
  test("is refused before anything is computed, if that can be known", async () => {
    mkdirSync(at("folder.history.json"));
    const run = await qprune([...wqaq, "--save", at("folder.safetensors"), "--epochs", "1"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("folder.history.json is a folder");
    expect(existsSync(at("folder.safetensors"))).toBe(false);
  });

  test("does not stop training later on", async () => {
    const argv = [...wqaq, "--save", at("late.safetensors"), "--epochs", "2"];
    const run = await qprune(argv, undefined, (text) => {
      if (!text.includes('"epoch":1,')) return;
      mkdirSync(at("late.history.json"), { recursive: true });
      // A folder is kept aside like a file, but not where this one is.
      mkdirSync(at("late.history.json.previous/full"), { recursive: true });
    });
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/The history is not written, but training continues: Cannot write/);
    expect(printed(run)).toHaveLength(2);
    expect(existsSync(at("late.safetensors"))).toBe(true);
  });
});

test.each([
  ["nin.safetensors", "nin.history.json"],
  ["a.b/nin.pth", "a.b/nin.history.json"],
  ["nin.state.safetensors", "nin.history.json"],
  ["nin.safetensors.previous", "nin.history.json.previous"],
  ["nin", "nin.history.json"],
])("the history of %s is %s", (model, history) => {
  expect(historyPathOf(model)).toBe(history);
});

test("a command is quoted for the shell", () => {
  expect(shellCommand(["wqaq", "--save", "my net.pth", "--data=./d", "it's", "$x", ""])).toBe(
    String.raw`qprune wqaq --save 'my net.pth' --data=./d 'it'\''s' '$x' ''`,
  );
});
