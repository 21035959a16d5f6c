import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encodeNetFile } from "../../src/checkpoint/net-files/encode-net-file.js";
import { netState } from "../../src/checkpoint/tensors/net-state.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { FULL_PRECISION } from "../../src/graph/quantizers.js";
import { graphArchitecture } from "../../src/models/architecture.js";
import { buildNet } from "../../src/models/build-net.js";
import { specOfGraph } from "../../src/models/net-spec.js";
import { answerRanges, type FileServer, startServer } from "../data/download/file-server.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-pretrained-"));
const at = (name: string): string => join(folder, name);
const FILE = "squeezenet1_1-b8a52dc0.pth";
const cached = (name = FILE): string => at(`cache/qprune/weights/${name}`);
const VARIABLES = ["XDG_CACHE_HOME", "QPRUNE_WEIGHTS_URL", "QPRUNE_WEIGHTS_SHA256"] as const;
const before = VARIABLES.map((name) => [name, process.env[name]] as const);

let server: FileServer;

/** A state dict of the architecture with seven classes, as published weights have them. */
const makeWeights = (): Buffer => {
  const graph = graphArchitecture("squeezenet1_1").build({
    classes: 7,
    image: { height: 224, width: 224, channels: 3 },
  });
  const quantization = FULL_PRECISION;
  const spec = specOfGraph({ arch: "squeezenet1_1", graph, quantization, form: "trainable" });
  const net = buildNet(spec, { seed: 3, gammaStart: "ones", kernelStart: "published" });
  const file = { tensors: netState(net), metadata: {} };
  const bytes = Buffer.concat(encodeNetFile("pth", file));
  net.dispose();
  return bytes;
};

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  const weights = makeWeights();
  writeFileSync(at("weights.pth"), weights);
  server = await startServer(answerRanges(weights));
  process.env.XDG_CACHE_HOME = at("cache");
  process.env.QPRUNE_WEIGHTS_URL = `${server.url}/mirror/`;
  process.env.QPRUNE_WEIGHTS_SHA256 = createHash("sha256").update(weights).digest("hex");
});
beforeEach(() => {
  server.requests.length = 0;
});
afterAll(async () => {
  await server.close();
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true });
});

const TINY = [
  ...["--dataset", "digits", "--train-limit", "16", "--test-limit", "8", "--epochs", "1"],
  ...["--train_batch_size", "8", "--lr-drops", "none", "--image-size", "32", "--num_workers", "0"],
];
const PRETRAINED = ["--arch", "squeezenet1_1", "--pretrained"];

const train = (save: string, ...more: string[]) =>
  qprune(["prune", ...TINY, "--save", at(save), ...more]);

describe("--pretrained", () => {
  test("fetches the weights once, and trains as --refine does with their file", async () => {
    const fetched = await train("fetched.safetensors", ...PRETRAINED);
    expect(fetched.code, fetched.stderr).toBe(0);
    expect(fetched.stderr).toContain("Downloading the weights of squeezenet1_1: 100%");
    expect(fetched.stderr).toContain(`Downloaded ${cached()} (SHA-256 `);
    expect(fetched.stderr).toContain(
      `${cached()} has 7 classes, the images have 10: classifier.1 starts from new weights.`,
    );
    expect(server.requests).toEqual([`/mirror/${FILE} whole`]);
    const refined = await train("refined.safetensors", "--refine", at("weights.pth"));
    expect(refined.stderr).toContain("classifier.1 starts from new weights");
    const files = ["fetched", "refined"].map((name) => readFileSync(at(`${name}.safetensors`)));
    expect(files[0]?.equals(files[1] as Buffer)).toBe(true);
  });

  test("needs no network afterwards", async () => {
    const run = await train("offline.safetensors", ...PRETRAINED, "--width", "1", "--quiet");
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain(`Using ${cached()} (SHA-256 `);
    expect(server.requests).toEqual([]);
  });

  test("may be repeated with --resume auto", async () => {
    const more = [...PRETRAINED, "--resume", "auto", "--epochs", "2"];
    const run = await train("offline.safetensors", ...more);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain("at epoch 2");
  });

  test("continues half a file", async () => {
    const whole = readFileSync(at("weights.pth"));
    rmSync(cached());
    writeFileSync(cached(`${FILE}.part`), whole.subarray(0, 1_000_000));
    const run = await train("half.safetensors", ...PRETRAINED);
    expect(run.code, run.stderr).toBe(0);
    expect(server.requests).toEqual([`/mirror/${FILE} bytes=1000000-`]);
    expect(readFileSync(cached()).equals(whole)).toBe(true);
  });

  test("refuses a file with another hash, and removes it", async () => {
    const right = process.env.QPRUNE_WEIGHTS_SHA256;
    process.env.QPRUNE_WEIGHTS_SHA256 = "";
    const run = await train("wrong.safetensors", ...PRETRAINED);
    process.env.QPRUNE_WEIGHTS_SHA256 = right;
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(
      `error: The download is not ${FILE}, and was removed: its SHA-256 starts with ${right?.slice(0, 8)}, expected b8a52dc0.`,
    );
    expect(run.stderr).toContain("hint: ");
    expect(existsSync(at("wrong.safetensors"))).toBe(false);
    // An older file is kept until the right one replaces it.
    expect(readdirSync(at("cache/qprune/weights"))).toEqual([FILE]);
  });

  test.each([
    [
      ["--arch", "nin"],
      /no published weights of --arch nin.[\s\S]*choose one of vgg11_bn, .*lite0/,
    ],
    [["--arch", "resnet18_cifar"], /no published weights of --arch resnet18_cifar/],
    [["--arch", "own.json"], /no published weights of --arch own.json/],
    [["--refine", "x.pth"], /--pretrained and --refine both choose the weights/],
    [["--resume", "x.pth"], /but --resume from those of x.pth/],
    [["--width", "0.5"], /which --width changes/],
    [["--cfg", "8,8"], /which --cfg changes/],
  ])("is refused with %j before anything is fetched", async (flags, message) => {
    const run = await qprune(["wqaq", ...TINY, ...PRETRAINED, ...flags]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain("hint: ");
    expect(server.requests).toEqual([]);
  });
});

const recipe = (kind: string, ...lines: string[]): string => {
  const path = at("recipe.yml");
  const stage = [`kind: ${kind}`, ...lines].map((line) => `    ${line}`).join("\n");
  const defaults =
    "dataset: digits, train-limit: 16, test-limit: 8, epochs: 1, lr-drops: none, num-workers: 0";
  writeFileSync(path, `format: 1\ndefaults: {${defaults}}\nstages:\n  tuned:\n${stage}\n`);
  return path;
};
const runRecipe = (path: string, ...flags: string[]) =>
  qprune(["run", path, "--folder", at("recipe"), "--json", ...flags]);
const keptStages = ({ events }: Awaited<ReturnType<typeof qprune>>): unknown[] =>
  ((events.at(-1)?.stages ?? []) as { kept: boolean }[]).map(({ kept }) => kept);

describe("a stage of a recipe with pretrained: true", () => {
  test("trains from published weights, and runs again without the option", async () => {
    mkdirSync(at("recipe"), { recursive: true });
    const path = recipe("train", "arch: squeezenet1_1", "pretrained: true");
    const first = await runRecipe(path);
    expect(first.code, first.stderr).toBe(0);
    expect(keptStages(first)).toEqual([false]);
    expect(keptStages(await runRecipe(path))).toEqual([true]);
    const changed = await runRecipe(recipe("train", "arch: squeezenet1_1"), "--dry-run");
    expect(changed.stdout + changed.stderr).toContain("pretrained true -> none");
  });

  test.each([
    ["train", ["pretrained: true"], "no published weights of arch nin"],
    ["quantize", ["refine: ./x.pth", "pretrained: true"], "have no option pretrained"],
    ["sparse", ["refine: ./x.pth", "pretrained: true", "arch: resnet18"], "both choose"],
  ] as const)("is refused in %s stages with %j", async (kind, lines, message) => {
    const run = await runRecipe(recipe(kind, ...lines));
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(message);
  });
});
