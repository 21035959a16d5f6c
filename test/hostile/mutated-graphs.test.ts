import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { readGraph } from "../../src/graph/check-graph.js";
import { graphCost } from "../../src/graph/cost.js";
import type { Graph } from "../../src/graph/graph.js";
import { MAX_NODES, MAX_PARAMETERS } from "../../src/graph/limits.js";
import { graphFromDescription } from "../../src/models/descriptions/graph-from-description.js";
import { readGraphDescription } from "../../src/models/descriptions/read-graph-description.js";
import { drawer } from "./mutate.js";
import { mutateJson } from "./mutate-json.js";

const COUNT = process.env.QPRUNE_LONG_TESTS ? 10_000 : 600;
const SEED = Number(process.env.QPRUNE_TEST_SEED ?? 1);
/** Of processor time: on a busy machine the clock also counts what others do. */
const MAX_MILLISECONDS = 1000;
const MAX_MORE_BYTES = 200e6;

const image = { height: 32, width: 32, channels: 3 };
const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../examples/nets/${name}.json`, import.meta.url), "utf8"));

/** Every kind of node that descriptions have. */
const EVERY_KIND = {
  name: "every-kind",
  nodes: [
    { kind: "pad", padding: [1, 0], channels: [1, 0] },
    { kind: "conv", name: "conv", filters: 8, kernel: [3, 5], padding: "same", groups: 2 },
    { kind: "batchNorm", epsilon: 1e-3 },
    { kind: "activation", function: "leakyRelu", slope: 0.1 },
    { kind: "split", name: "halves", sizes: [4, 4] },
    { kind: "prelu", inputs: "halves:0", name: "left" },
    { kind: "concat", inputs: ["left", "halves:1"] },
    { kind: "shuffle", groups: 2 },
    { kind: "maxPool", kernel: 3, stride: 2, padding: 1, roundsUp: true, name: "pool" },
    { kind: "globalPool", keepsMaps: true },
    { kind: "multiply", inputs: ["pool", "globalPool1"] },
    { kind: "resize", height: 4, width: 4, method: "bilinear" },
    { kind: "averagePool", kernel: 2 },
    { kind: "dropout", rate: 0.2 },
    { kind: "reshape", shape: [4, 1, 8] },
    { kind: "flatten" },
    { kind: "dense", features: "classes" },
  ],
};

const describedGraph = (raw: unknown): Graph =>
  graphFromDescription({
    description: readGraphDescription(raw, "net.json"),
    classes: 10,
    image,
  });

const readDescribed = (raw: unknown): number => graphCost(describedGraph(raw)).parameters;

const readPlain = (raw: unknown): number => {
  const graph = readGraph(raw, "net.json");
  if (graph.nodes.length > MAX_NODES) throw new Error("accepted with too many nodes");
  return graphCost(graph).parameters;
};

test.each([
  ["descriptions", [example("residual"), example("depthwise"), EVERY_KIND], readDescribed],
  ["graphs", [JSON.parse(JSON.stringify(describedGraph(EVERY_KIND)))], readPlain],
] as const)(
  `of ${COUNT} damaged %s each is refused with a readable error, or is valid`,
  (_, wholes, read) => {
    for (const whole of wholes) expect(read(whole)).toBeGreaterThan(0);
    const refusals: string[] = [];
    for (let file = 0; file < COUNT; file++) {
      const raw = mutateJson(wholes[file % wholes.length], drawer(SEED, file));
      const before = process.cpuUsage();
      const start = process.memoryUsage.rss();
      try {
        expect(read(raw)).toBeLessThanOrEqual(MAX_PARAMETERS);
      } catch (error) {
        if (!(error instanceof QpruneError)) throw new Error(`file ${file}`, { cause: error });
        refusals.push(error.message);
      }
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000, `file ${file}`).toBeLessThan(MAX_MILLISECONDS);
      expect(process.memoryUsage.rss() - start, `file ${file}`).toBeLessThan(MAX_MORE_BYTES);
    }
    expect(refusals.length).toBeGreaterThan(COUNT / 4);
    expect(refusals.length).toBeLessThan(COUNT);
    for (const message of refusals) {
      expect(message).not.toMatch(/\n\s+at |undefined|\[object|NaN|Infinity/);
      expect(message.length).toBeLessThan(5000);
    }
  },
  600_000,
);
