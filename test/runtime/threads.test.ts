import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wasmKernels } from "../../dist/runtime/wasm/modules.js";
import { startTeam } from "../../dist/runtime/wasm/threads/team.js";
import { loadModel } from "../../dist/runtime.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";
import { kernelEngine } from "../../src/runtime/kernels/kernel-engine.js";
import type { KernelJob, Kernels, KernelTarget } from "../../src/runtime/kernels/kernel-target.js";
import { compilePlan } from "../../src/runtime/plan/compile.js";
import { threadsToUse } from "../../src/runtime/wasm/threads/threads-to-use.js";
import { branchedGraph } from "../graph/branched-graph.js";
import { kindCases } from "../graph/node-kinds.js";
import { randomImage, randomModel } from "../graph/random-model.js";
import { quantizedWeights } from "../models/quantizations.js";
import { BIREAL, NETS, pairsOf } from "./cases.js";
import { packedBytes } from "./files.js";
import { firstDifferent } from "./first-different.js";
import { evaluatedNet } from "./nets.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-threads-"));
const path = join(folder, "net.safetensors");
const NET = {
  arch: "nin",
  width: 0.5,
  side: 32,
  images: 2,
  quantization: {
    weights: { kind: "dorefa", bits: 4 },
    activations: { kind: "dorefa", bits: 4, scale: 0.1 },
  },
} as const;

let images: Float32Array;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  const net = evaluatedNet(NET);
  images = net.images;
  writeFileSync(path, packedBytes(net));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Kernels for some threads, which share every job that can be split. */
const sharing = async (threads: number): Promise<KernelTarget> => ({
  ...((await wasmKernels(threads)) as unknown as KernelTarget),
  leastPartNs: 1,
});

describe("threads compute what the reference does, to the bit:", () => {
  test.each([...NETS, BIREAL])("$arch with 2 or 3 threads", async (net) => {
    for (const [at, [pair, quantization]] of pairsOf(net).entries()) {
      const { model, images: image } = evaluatedNet({ ...net, quantization, images: 1 });
      const plan = compilePlan(model);
      const engine = await kernelEngine(plan, await sharing(2 + (at % 2)));
      expect(engine.threads).toBe(2 + (at % 2));
      expect(firstDifferent(plan, engine, image), pair).toBeUndefined();
    }
  });

  test("every kind of node, and nets with branches", async () => {
    const models = [
      ...kindCases.map(({ graph }) => randomModel(graph, 5)),
      ...quantizedWeights.map((weights, at) =>
        bakeWeights(randomModel(branchedGraph({ weights, hasBias: at % 2 === 0 }), at)),
      ),
    ];
    for (const [at, model] of models.entries()) {
      const plan = compilePlan(model);
      const engine = await kernelEngine(plan, await sharing(2));
      const image = randomImage(model.graph, 5);
      expect(firstDifferent(plan, engine, image), String(at)).toBeUndefined();
    }
  });
});

const logitsOf = (model: Awaited<ReturnType<typeof loadModel>>): Float32Array[] =>
  model.predict(images).map(({ logits }) => logits);

describe("a model with threads", () => {
  test("computes the logits of one thread in 200 predictions, next to another model", async () => {
    const alone = await loadModel(path);
    const [one, other] = [
      await loadModel(path, { threads: 2 }),
      await loadModel(path, { threads: 3 }),
    ];
    expect(alone.info.kernels.threads).toBe(1);
    expect([one, other].map(({ info }) => info.kernels.threads)).toEqual([2, 3]);
    const expected = logitsOf(alone);
    for (let run = 0; run < 100; run++) {
      expect(logitsOf(one)).toEqual(expected);
      expect(logitsOf(other)).toEqual(expected);
    }
    one.dispose();
    expect(logitsOf(other)).toEqual(expected);
    for (const model of [alone, other]) model.dispose();
    expect(() => one.predict(images)).toThrow(/was disposed/);
  });

  test("refuses numbers of threads that are none", async () => {
    for (const threads of [0, -1, 1.5, 65, "two"] as number[])
      await expect(loadModel(path, { threads })).rejects.toThrow(/cannot compute with/);
  });

  test.runIf(process.platform === "linux")(
    "ends its threads when it is disposed, and keeps no process alive otherwise",
    () => {
      const runtime = fileURLToPath(new URL("../../dist/runtime.js", import.meta.url));
      const program = `
        import { readdirSync } from "node:fs";
        import { setTimeout } from "node:timers/promises";
        import { loadModel } from ${JSON.stringify(runtime)};
        const count = () => readdirSync("/proc/self/task").length;
        const image = new Uint8Array(32 * 32 * 3);
        (await loadModel(${JSON.stringify(path)})).predict(image);
        const before = count();
        const models = [];
        for (let at = 0; at < 2; at++) models.push(await loadModel(${JSON.stringify(path)}, { threads: 3 }));
        for (const model of models) model.predict(image);
        const during = count();
        models[0].dispose();
        for (let wait = 0; wait < 200 && count() > before + 2; wait++) await setTimeout(50);
        console.log(JSON.stringify([during - before, count() - before]));
      `;
      const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
        encoding: "utf8",
        timeout: 60_000,
      });
      expect(JSON.parse(output)).toEqual([4, 2]);
    },
  );
});

/** A job that writes 1 into every item, in parts of 2. */
const teamOf = (program: string, items = 8) => {
  const memory = { buffer: new SharedArrayBuffer(65536) };
  const numbers = new Uint8Array(memory.buffer, 1024, items);
  const kernels = {
    mapCodes: (first: number, count: number) => new Uint8Array(memory.buffer, first, count).fill(1),
  } as unknown as Kernels;
  const job: KernelJob = {
    kernel: "mapCodes",
    args: [1024],
    perItem: [1],
    threadBytes: 0,
    items,
    partItems: 2,
  };
  const modules = { kernels: {}, relaxed: null };
  const team = startTeam(
    { modules, memory, jobs: [job] },
    { kernels, threads: 2, program, patienceMs: 100 },
  );
  return { team, numbers };
};

describe("a worker", () => {
  test("that ends with a part of the work is an error, after which one thread computes", async () => {
    const { team, numbers } = teamOf(`
      const { parentPort } = require("node:worker_threads");
      parentPort.once("message", ({ memory }) => {
        const control = new Int32Array(memory.buffer, 0, 128);
        parentPort.postMessage("ready");
        for (;;) {
          const ticket = Atomics.load(control, 32);
          const isOpen = (ticket & 65535) < 4;
          if (isOpen && Atomics.compareExchange(control, 32, ticket, ticket + 1) === ticket) process.exit();
        }
      });
    `);
    const runner = await team;
    expect(runner.threads).toBe(2);
    // The worker may come too late for the first jobs.
    expect(() => {
      for (let run = 0; run < 1e6; run++) runner.run(0);
    }).toThrow(/A thread of the model ended or hangs/);
    numbers.fill(0);
    runner.run(0);
    expect([...numbers]).toEqual(new Array(8).fill(1));
    runner.dispose();
  });

  test("that does not start leaves one thread, with the reason", async () => {
    const { team, numbers } = teamOf("throw new Error('refused')");
    const runner = await team;
    expect(runner.threads).toBe(1);
    expect(runner.obstacle).toMatch(/no worker starts here/);
    runner.run(0);
    expect([...numbers]).toEqual(new Array(8).fill(1));
  });

  test("that sleeps or has ended holds up nobody", async () => {
    const { team, numbers } = teamOf(`
      const { parentPort } = require("node:worker_threads");
      parentPort.once("message", () => parentPort.postMessage("ready"));
    `);
    const runner = await team;
    for (let run = 0; run < 100; run++) {
      numbers.fill(0);
      runner.run(0);
      expect([...numbers]).toEqual(new Array(8).fill(1));
    }
    runner.dispose();
  });
});

test("a page gets one thread, with the reason, unless it is cross-origin isolated", () => {
  const navigator = { hardwareConcurrency: 4 };
  const isolated = { crossOriginIsolated: true, SharedArrayBuffer, navigator };
  expect(threadsToUse("auto", isolated)).toEqual({ threads: 4 });
  expect(threadsToUse(2, isolated)).toEqual({ threads: 2 });
  const shut = { crossOriginIsolated: false, navigator };
  expect(threadsToUse("auto", shut)).toMatchObject({
    threads: 1,
    obstacle: expect.stringMatching(/not cross-origin isolated/),
  });
  expect(threadsToUse(1, shut)).toEqual({ threads: 1 });
  expect(threadsToUse("auto", { navigator }).obstacle).toMatch(/no SharedArrayBuffer/);
});
