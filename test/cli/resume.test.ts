import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-resume-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const DATA = ["--dataset", "digits", "--train-limit", "230", "--test-limit", "100"];
const OUTPUT = ["--json", "--num_workers", "0"];
const SMALL = [...DATA, "--arch", "nin", "--width", "0.125", ...OUTPUT];
const NARROW_RESNET = [...DATA, "--arch", "resnet20", "--width", "0.25", ...OUTPUT];
/** Nets with dropout: without norms, and with norms that are frozen. */
const SQUEEZENET = [...DATA, "--arch", "squeezenet1_1", "--width", "0.125", ...OUTPUT];
const FROZEN_MOBILENET = [
  ...DATA,
  ...["--arch", "mobilenet_v2", "--width", "0.125", "--freeze-until", "features.3"],
  ...OUTPUT,
];

const lossesOf = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
  events
    .filter(({ event }) => event === "epoch")
    .map(({ epoch, trainLoss, testLoss, testAccuracy }) => [
      epoch,
      trainLoss,
      testLoss,
      testAccuracy,
    ]);

const SGD = ["--optimizer", "sgd", "--schedule", "cosine", "--warmup", "0.5", "--grad-clip", "1"];
const STRONG = ["--accumulate", "2", "--mixup", "0.2", "--cutout", "8", "--rand-augment", "1,5"];
const ONE_CYCLE = ["--schedule", "one-cycle", "--ema", "0.9", "--wd", "0.01", "--wd-skip", "norms"];

const commands: [string, string[], string[]][] = [
  ["wqaq", ["--Wbits", "4", "--Abits", "4"], SMALL],
  ["wbwtab", ["--W", "3", "--A", "2", "--gap"], SMALL],
  ["wbwtab", ["--W", "2", "--A", "2"], SMALL],
  ["wqaq", ["--Wbits", "2", "--Abits", "2", "--quantizer", "lsq"], SMALL],
  ["wqaq", ["--Wbits", "4", "--Abits", "4", "--quantizer", "pact"], SMALL],
  ["prune", ["-sr", "--s", "0.001"], SMALL],
  ["wqaq", ["--Wbits", "8", "--Abits", "8", "--precision", "bf16"], SMALL],
  ["prune", ["-sr", "--s", "0.01", "--group-lasso"], NARROW_RESNET],
  ["train", ["--lr", "0.001"], SQUEEZENET],
  ["train", ["--lr", "0.002"], FROZEN_MOBILENET],
  ["wqaq", [...SGD, "--ema", "0.9", "--label-smoothing", "0.1", ...STRONG], SMALL],
  ["wbwtab", ["--W", "3", "--A", "2", "--gap", "--optimizer", "adamw", ...ONE_CYCLE], SMALL],
];

describe.each(commands)("%s %s", (command, flags, net) => {
  const name = [command, ...flags].join("").replaceAll(/\W/g, "");

  test("resumes with bit-identical losses, wherever it was interrupted", async () => {
    const run = [command, ...flags, ...net, "--epochs", "3"];
    const whole = await qprune([...run, "--save", at(`${name}-whole.safetensors`)]);
    expect(lossesOf(whole)).toHaveLength(3);
    const save = ["--save", at(`${name}.safetensors`)];
    // Stopped in the middle of the second epoch, and twice more.
    const stopped = [];
    for (const step of [3, 7, 2]) {
      const controller = new AbortController();
      const stop = qpruneUntil([...run, ...save, "--resume", "auto"], controller, step);
      stopped.push(await stop);
    }
    const last = await qprune([command, "--resume", at(`${name}.state.safetensors`), "--json"]);
    const seen = new Map([...stopped, last].flatMap(lossesOf).map((line) => [line[0], line]));
    expect([...seen.values()]).toEqual(lossesOf(whole));
    expect(last.events.at(-1)).toMatchObject({ event: "done", file: at(`${name}.safetensors`) });
    const again = await qprune([command, "--resume", at(`${name}.state.safetensors`), "--json"]);
    expect(lossesOf(again)).toEqual(lossesOf(whole).slice(-1));
    expect(again.code).toBe(0);
  });
});

/** Runs until this many steps were reported, then asks to stop. */
const qpruneUntil = async (argv: string[], controller: AbortController, steps: number) => {
  let reported = 0;
  const poll = setInterval(() => {}, 1000);
  const run = qprune([...argv, "--log-every", "1"], controller.signal, (line) => {
    if (line.includes('"event":"step"') && ++reported >= steps) controller.abort();
  });
  const result = await run;
  clearInterval(poll);
  expect([0, 130]).toContain(result.code);
  return result;
};

test("an interrupted run prints how to resume it, and leaves no lock", async () => {
  const controller = new AbortController();
  const save = at("stopped.safetensors");
  const run = await qpruneUntil(["wqaq", ...SMALL, "--epochs", "2", "--save", save], controller, 2);
  expect(run.code).toBe(130);
  expect(run.stderr).toContain(
    `Resume with: qprune wqaq --resume ${at("stopped.state.safetensors")}`,
  );
  expect(existsSync(`${save}.lock`)).toBe(false);
});

test("a larger --epochs continues a finished run", async () => {
  const save = ["--save", at("longer.safetensors")];
  await qprune(["wqaq", ...SMALL, ...save, "--epochs", "1"]);
  const longer = await qprune(["wqaq", ...SMALL, ...save, "--epochs", "2", "--resume", "auto"]);
  const whole = await qprune([
    "wqaq",
    ...SMALL,
    "--save",
    at("whole.safetensors"),
    "--epochs",
    "2",
  ]);
  expect(lossesOf(longer)).toEqual(lossesOf(whole).slice(1));
  expect(longer.stderr).toContain("Changed: --epochs 2 (the run has 1)");
});

test("resuming a finished run reports that it is complete, and how to train further", async () => {
  const run = ["wqaq", ...SMALL.filter((each) => each !== "--json")];
  const save = ["--save", at("complete.safetensors"), "--epochs", "2"];
  expect((await qprune([...run, ...save])).stderr).not.toContain("complete");
  const again = await qprune(["wqaq", "--resume", at("complete.state.safetensors")]);
  expect(again.stderr).toContain(
    "The run is complete (2 epochs). To train further, resume it with more, such as --epochs 4.",
  );
  const steps = ["--save", at("steps.safetensors"), "--max-steps", "1"];
  await qprune([...run, ...steps]);
  const done = await qprune([...run, ...steps, "--resume", "auto"]);
  expect(done.stderr).toContain("The run is complete (1 step). To train further");
  expect(done.stderr).toContain("--max-steps 2");
});

test("without --resume, the training state of that name is replaced", async () => {
  const save = ["--save", at("new.safetensors")];
  const first = await qprune(["wqaq", ...SMALL, ...save, "--epochs", "1"]);
  const second = await qprune(["wqaq", ...SMALL, ...save, "--epochs", "1"]);
  expect(lossesOf(second)).toEqual(lossesOf(first));
});

test("refining without --dataset names the data set of the file", async () => {
  await qprune(["prune", ...SMALL, "--save", at("float.safetensors"), "--max-steps", "0"]);
  const refined = await qprune(["wqaq", "--refine", at("float.safetensors"), "--data", folder]);
  expect(refined.code).toBe(2);
  expect(refined.stderr).toContain(
    `float.safetensors was trained on digits. To train it on these images again, add --dataset digits.`,
  );
});

describe("a training state is not resumed", () => {
  const state = at("refused.state.safetensors");
  beforeAll(async () => {
    await qprune(["wqaq", ...SMALL, "--save", at("refused.safetensors"), "--epochs", "1"]);
  });
  test.each([
    ["with another learning rate", ["wqaq", "--lr", "0.1"], /--lr 0\.1 \(the run has 0\.01\)/],
    [
      "in another precision, even with --override",
      ["wqaq", "--precision", "bf16", "--override"],
      /--precision bf16 \(the run has float32\)/,
    ],
    [
      "with other bits",
      ["wqaq", "--Wbits", "2"],
      /cannot be resumed with --Wbits 2 \(the run has 8\)/,
    ],
    ["by another command", ["wbwtab"], /is from a run of wqaq, not of wbwtab/],
  ])("%s", async (_, argv, message) => {
    const run = await qprune([...argv, "--resume", state]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain("hint:");
    expect(run.code).toBe(2);
  });

  test("unless --override is given, which applies the new option", async () => {
    const flags = ["--lr", "0.001", "--override", "--epochs", "2"];
    const run = await qprune(["wqaq", "--resume", state, ...flags, "--json", "--log-every", "1"]);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("Changed: --lr 0.001 (the run has 0.01)");
  });

  test("if it is damaged", async () => {
    const bytes = readFileSync(state);
    const text = bytes
      .toString("latin1")
      .replace('\\"batchesDone\\":', '\\"batchesDone\\":"x",\\"y\\":');
    const cut = Buffer.from(text, "latin1").subarray(0, bytes.length);
    writeFileSync(at("damaged.state.safetensors"), cut);
    const run = await qprune(["wqaq", "--resume", at("damaged.state.safetensors")]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("hint:");
  });
});

describe("no file is lost:", () => {
  test("a new run keeps the state of an earlier one as .previous", async () => {
    const save = ["--save", at("twice.safetensors"), "--epochs", "1"];
    await qprune(["wqaq", ...SMALL, ...save, "--seed", "2"]);
    const first = readFileSync(at("twice.state.safetensors"));
    await qprune(["wqaq", ...SMALL, ...save]);
    expect(readFileSync(at("twice.state.safetensors.previous"))).toEqual(first);
  });

  test("a run resumed under another name keeps the files of that name", async () => {
    await qprune([
      "wqaq",
      ...SMALL,
      "--save",
      at("precious.safetensors"),
      "--epochs",
      "1",
      "--seed",
      "3",
    ]);
    const precious = readFileSync(at("precious.safetensors"));
    await qprune(["wqaq", ...SMALL, "--save", at("mine.safetensors"), "--epochs", "1"]);
    const state = ["--resume", at("mine.state.safetensors"), "--epochs", "2"];
    const run = await qprune(["wqaq", ...state, "--save", at("precious.safetensors")]);
    expect(run.code).toBe(0);
    expect(readFileSync(at("precious.safetensors.previous"))).toEqual(precious);
  });

  test("a copied state resumes under its new name", async () => {
    await qprune(["wqaq", ...SMALL, "--save", at("first.safetensors"), "--epochs", "1"]);
    const model = readFileSync(at("first.safetensors"));
    copyFileSync(at("first.state.safetensors"), at("copy.state.safetensors"));
    const run = await qprune(["wqaq", "--resume", at("copy.state.safetensors"), "--epochs", "2"]);
    expect(run.stdout).toContain(`Saved ${at("copy.safetensors")}`);
    expect(readFileSync(at("first.safetensors"))).toEqual(model);
  });

  test("a finished run whose model is missing writes it again", async () => {
    await qprune(["wqaq", ...SMALL, "--save", at("gone.safetensors"), "--epochs", "1"]);
    rmSync(at("gone.safetensors"));
    await qprune(["wqaq", "--resume", at("gone.state.safetensors")]);
    expect(existsSync(at("gone.safetensors"))).toBe(true);
  });

  test("a model cannot have the name of a training state", async () => {
    const run = await qprune(["wqaq", ...SMALL, "--save", at("x.state.safetensors")]);
    expect(run.code).toBe(2);
  });
});

test.each(commands)("a larger --max-steps resumes exactly: %s %s", async (command, flags) => {
  const name = `steps-${[command, ...flags].join("").replaceAll(/\W/g, "")}`;
  const run = [command, ...flags, ...SMALL, "--epochs", "2", "--log-every", "1"];
  const short = ["--save", at(`${name}.safetensors`)];
  await qprune([...run, ...short, "--max-steps", "3"]);
  const on = await qprune([...run, ...short, "--max-steps", "7", "--resume", "auto"]);
  const whole = await qprune([
    ...run,
    "--save",
    at(`${name}-whole.safetensors`),
    "--max-steps",
    "7",
  ]);
  const losses = ({ events }: typeof on) =>
    events.filter(({ event }) => event === "step").map(({ step, loss }) => [step, loss]);
  expect(losses(on)).toEqual(losses(whole).slice(3));
});

test("an interrupted test does not change binary weights", async () => {
  const run = ["wbwtab", ...SMALL, "--log-every", "1", "--epochs", "2"];
  const save = ["--save", at("stopped-test.safetensors")];
  // The signal comes with the last step, so that the test after it is interrupted.
  const controller = new AbortController();
  const stopped = await qprune([...run, ...save, "--max-steps", "3"], controller.signal, (text) => {
    if (text.includes('"step":3,')) setImmediate(() => controller.abort());
  });
  expect(stopped.code).toBe(130);
  expect(lossesOf(stopped)).toEqual([]);
  const on = await qprune([...run, ...save, "--max-steps", "6", "--resume", "auto"]);
  const whole = await qprune([...run, "--save", at("not-stopped.safetensors"), "--max-steps", "6"]);
  const losses = ({ events }: typeof on) =>
    events.filter(({ event }) => event === "step").map(({ step, loss }) => [step, loss]);
  expect(losses(on)).toEqual(losses(whole).slice(3));
});

test("a different batch size restarts the epoch", async () => {
  const save = ["--save", at("cut.safetensors"), "--epochs", "1"];
  await qprune(["wqaq", ...SMALL, ...save, "--max-steps", "4"]);
  const flags = ["--override", "--train_batch_size", "100", "--max-steps", "9"];
  const run = await qprune(["wqaq", "--resume", at("cut.state.safetensors"), ...flags, "--json"]);
  expect(run.code).toBe(0);
  expect(lossesOf(run)).toHaveLength(1);
});

test("the net in a training state can be converted", async () => {
  await qprune(["wqaq", ...SMALL, "--save", at("both.safetensors"), "--epochs", "1"]);
  await qprune(["convert", at("both.safetensors"), at("model.pth")]);
  const run = await qprune(["convert", at("both.state.safetensors"), at("state.pth"), "--json"]);
  const [model, state] = await Promise.all(
    ["model.pth", "state.pth"].map((name) => loadCheckpoint(at(name))),
  );
  expect([...(state?.state.keys() ?? [])]).toEqual([...(model?.state.keys() ?? [])]);
  expect(run.events[0]?.tensors).toBe(model?.state.size);
  const resumed = await qprune([
    "wqaq",
    "--resume",
    at("state.pth"),
    ...DATA,
    "--max-steps",
    "1",
    "--save",
    at("on.pth"),
  ]);
  expect(resumed.code).toBe(0);
});

const bin = fileURLToPath(new URL("../../bin/qprune.js", import.meta.url));

test("a killed run resumes with --resume auto, and a second one at the same time is refused", async () => {
  const argv = [
    "wqaq",
    ...SMALL,
    "--epochs",
    "2",
    "--save",
    at("killed.safetensors"),
    "--resume",
    "auto",
  ];
  const child = spawn(process.execPath, [bin, ...argv, "--log-every", "1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve) => {
    let steps = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      steps += chunk.toString().split('"event":"step"').length - 1;
      if (steps >= 6) resolve();
    });
  });
  child.kill("SIGSTOP");
  const second = await qprune(argv);
  expect(second.code).toBe(2);
  expect(second.stderr).toMatch(/Another run \(process \d+\) is writing/);
  const closed = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGKILL");
  await closed;
  const resumed = await qprune(argv);
  const whole = await qprune([
    "wqaq",
    ...SMALL,
    "--epochs",
    "2",
    "--save",
    at("unbroken.safetensors"),
  ]);
  const left = lossesOf(resumed);
  expect(left).toEqual(lossesOf(whole).slice(-left.length));
}, 60_000);
