import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

/** Several runs of two processes each. */
const IS_LONG = process.env.QPRUNE_LONG_TESTS !== undefined;
const PROGRAM = fileURLToPath(new URL("../../bin/qprune.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-launch-"));
// Sets the engine up, so that the workers do not wait for each other's setup.
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RUN = [
  ...["--dataset", "digits", "--arch", "nin", "--width", "0.125", "--json", "--log-every", "1"],
  ...["--train-limit", "210", "--test-limit", "100", "--epochs", "3", "--num_workers", "0"],
];
const SMALL = ["wbwtab", "--W", "2", "--A", "2", ...RUN];
/** Adam would magnify rounding of gradients near 0. */
const FLOAT = ["prune", "--optimizer", "sgd", ...RUN];

interface Ended {
  readonly code: number | null;
  readonly events: readonly Record<string, unknown>[];
  readonly stderr: string;
}

/** Runs the program in a process of its own, in the test's folder. */
const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    text.stdout += data;
  });
  child.stderr.on("data", (data) => {
    text.stderr += data;
  });
  const ended = new Promise<Ended>((done) => {
    child.once("close", (code) => {
      const lines = text.stdout.split("\n").filter((line) => line.startsWith("{"));
      done({ code, events: lines.map((line) => JSON.parse(line)), stderr: text.stderr });
    });
  });
  return { child, text, ended };
};

const lossesOf = ({ events }: Pick<Ended, "events">) =>
  events.filter(({ event }) => event === "step").map(({ loss }) => loss);

const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((done) => server.once("listening", done))));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
};

describe("several workers", { timeout: 600_000 }, () => {
  test("have the losses of one process that accumulates their batches, to the bit", async () => {
    const shared = start([
      "launch",
      "--",
      ...SMALL,
      "--train_batch_size",
      "25",
      "--save",
      "w.safetensors",
    ]);
    const { code, events, stderr } = await shared.ended;
    expect(stderr).toContain("[1] This is worker 1");
    expect(code).toBe(0);
    const alone = await qprune([
      ...SMALL,
      ...["--train_batch_size", "25", "--accumulate", "2", "--save", join(folder, "a.safetensors")],
    ]);
    expect(alone.code).toBe(0);
    // The last batch of 10 images is two parts of 5 images for workers, and one batch for one process.
    const whole = lossesOf(alone).filter((_, step) => step < 4);
    expect(lossesOf({ events }).slice(0, 4)).toEqual(whole);
    expect(events.filter(({ event }) => event === "epoch")).toHaveLength(3);
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith("w"))
        .sort(),
    ).toEqual(["w.history.json", "w.safetensors", "w.state.safetensors"]);
  });

  test.runIf(IS_LONG)("three of them add gradients in their order", async () => {
    const args = [...SMALL, "--max-steps", "4", "--train_batch_size", "10"];
    const save = (name: string) => ["--save", join(folder, name)];
    const shared = await start([
      "launch",
      "--processes",
      "3",
      "--",
      ...args,
      ...save("3.safetensors"),
    ]).ended;
    expect(shared.code).toBe(0);
    const alone = await qprune([...args, "--accumulate", "3", ...save("1.safetensors")]);
    expect(lossesOf(shared)).toHaveLength(4);
    expect(lossesOf(shared)).toEqual(lossesOf(alone));
  });

  test.runIf(IS_LONG)(
    "stop with code 75 and the state saved if one is killed, and resume exactly",
    async () => {
      const ports = await freePorts(2);
      const addresses = ports.map((port) => `127.0.0.1:${port}`).join();
      const run = (index: number) =>
        start([
          ...[...SMALL, "--save", "k.safetensors", "--resume", "auto", "--train_batch_size", "25"],
          ...["--workers", addresses, "--task-index", String(index)],
        ]);
      const [first, second] = [run(0), run(1)];
      first.child.stdout.on("data", () => {
        if (first.text.stdout.includes('"step":7,')) second.child.kill("SIGKILL");
      });
      const stopped = await first.ended;
      expect(stopped.stderr).toContain(`worker 1 (127.0.0.1:${ports[1]}) has stopped`);
      expect(stopped.stderr).toContain("--resume auto");
      expect(stopped.code).toBe(75);
      const [again] = await Promise.all([run(0).ended, run(1).ended]);
      expect(again.code).toBe(0);
      const losses = [...lossesOf(stopped), ...lossesOf(again)];
      const undisturbed = await start([
        ...["launch", "--", ...SMALL, "--train_batch_size", "25", "--save", "u.safetensors"],
      ]).ended;
      expect(losses).toEqual(lossesOf(undisturbed));
    },
  );

  test.runIf(IS_LONG)("may be more when a run is resumed", async () => {
    const args = (processes: number, batch: number, name: string) => [
      ...["launch", "--processes", String(processes), "--", ...FLOAT, "--sync-bn"],
      ...["--train_batch_size", String(batch), "--save", name],
    ];
    const undisturbed = await start(args(2, 21, "two.safetensors")).ended;
    const first = start([...args(2, 21, "more.safetensors")]);
    first.child.stdout.on("data", () => {
      if (first.text.stdout.includes('"step":6,')) first.child.kill("SIGTERM");
    });
    const stopped = await first.ended;
    expect(stopped.code).toBe(143);
    const again = await start([...args(3, 21, "more.safetensors"), "--resume", "auto"]).ended;
    expect(again.code).toBe(0);
    const losses = lossesOf(again) as number[];
    expect(losses.length).toBeGreaterThan(4);
    const expected = lossesOf(undisturbed).slice(-losses.length) as number[];
    // Sums over images are in another order, and each step magnifies the differences several times.
    losses.slice(0, 3).forEach((loss, step) => {
      expect(Math.abs(loss / (expected[step] as number) - 1)).toBeLessThan(1e-4);
    });
  });

  test("refuse different options with code 2 and the name of the option", async () => {
    const ports = await freePorts(2);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const run = (index: number, lr: string) =>
      start([...SMALL, "--lr", lr, "--save", "r.safetensors"], {
        TF_CONFIG: JSON.stringify({
          cluster: { worker: addresses },
          task: { type: "worker", index },
        }),
      }).ended;
    for (const { code, stderr } of await Promise.all([run(0, "0.01"), run(1, "0.02")])) {
      expect(stderr).toContain("Worker 1 was started with --lr 0.02, worker 0 with 0.01.");
      expect(code).toBe(2);
    }
  });

  test("name the worker that does not start, and end with code 75", async () => {
    const [own, other] = await freePorts(2);
    const { code, stderr } = await start([
      ...[...SMALL, "--save", "l.safetensors", "--worker-timeout", "1"],
      ...["--workers", `127.0.0.1:${own},127.0.0.1:${other}`, "--task-index", "0"],
    ]).ended;
    expect(stderr).toContain(`worker 1 (127.0.0.1:${other}) does not answer after 1 s`);
    expect(code).toBe(75);
  });

  test("refuse a port that is in use", async () => {
    const taken = createServer().listen(0, "0.0.0.0");
    await new Promise((done) => taken.once("listening", done));
    const address = taken.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const { code, stderr } = await start([
      ...[...SMALL, "--save", "p.safetensors"],
      ...["--workers", `127.0.0.1:${port},127.0.0.1:1`, "--task-index", "0"],
    ]).ended;
    taken.close();
    expect(stderr).toContain(`This process cannot be worker 0 (127.0.0.1:${port})`);
    expect(stderr).toContain("its port is in use");
    expect(code).toBe(2);
  });
});

test("launch refuses commands that do not train", async () => {
  const { code, stderr } = await qprune(["launch", "--", "summary", "x.safetensors"]);
  expect(stderr).toContain("summary is not a training command");
  expect(code).toBe(2);
});

test("workers need the native engine", async () => {
  const { code, stderr } = await qprune([
    ...[...SMALL, "--engine", "js", "--save", join(folder, "j.safetensors")],
    ...["--workers", "127.0.0.1:1,127.0.0.1:2", "--task-index", "0"],
  ]);
  expect(stderr).toContain("native engine");
  expect(code).toBe(2);
});
