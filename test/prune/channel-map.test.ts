import { describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph/graph.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import type { Model, WeightValue } from "../../src/graph/model.js";
import { graphArchitectures } from "../../src/models/architectures/graph-architectures.js";
import { pruneWeights } from "../../src/prune/apply/prune-weights.js";
import { type ChannelMap, channelMap } from "../../src/prune/channels/coupled-layers.js";
import { gammaGroups } from "../../src/prune/channels/gamma-groups.js";
import {
  type Combination,
  type Criterion,
  channelImportance,
} from "../../src/prune/importance/importance.js";
import { makePlan } from "../../src/prune/plan/make-plan.js";
import { interpret } from "../graph/interpret.js";
import { randomImage, randomModel } from "../graph/random-model.js";

const IMAGE = { height: 4, width: 4, channels: 3 };

/** The layers that are pruned together, with the number of their channel groups. */
const rows = ({ coupled }: ChannelMap) =>
  coupled
    .filter(({ names }) => names.length > 0)
    .map(({ names, groups, fixedBecause }) => [names.join(), groups.length, fixedBecause]);

const residual = (): Graph => {
  const g = createGraphBuilder(IMAGE);
  const x = g.relu(g.batchNorm("bn1", g.conv("conv1", g.images, { filters: 4, kernel: 1 })));
  const inner = g.relu(g.batchNorm("bn2", g.conv("conv2", x, { filters: 8, kernel: 1 })));
  const y = g.batchNorm("bn3", g.conv("conv3", inner, { filters: 4, kernel: 1 }));
  const z = g.relu(g.add(x, y));
  return g.finish(g.dense("fc", g.globalPool(z), { features: 2 }));
};

describe("layers that are pruned together:", () => {
  test("those of a residual block, as docs/pruning.md shows them", () => {
    expect(rows(channelMap(residual()))).toEqual([
      ["conv1,conv3", 4, undefined],
      ["conv2", 8, undefined],
      ["fc", 2, "end"],
    ]);
  });

  test("a squeeze-and-excitation block with the values that it scales", () => {
    const g = createGraphBuilder(IMAGE);
    const x = g.conv("main", g.images, { filters: 6, kernel: 1 });
    const small = g.conv("reduce", g.globalPool(x, { keepsMaps: true }), { filters: 2, kernel: 1 });
    const factors = g.activation(g.conv("expand", small, { filters: 6, kernel: 1 }), {
      function: "sigmoid",
    });
    const y = g.multiply(x, factors);
    const graph = g.finish(g.dense("fc", g.flatten(y), { features: 2 }));
    expect(rows(channelMap(graph)).slice(0, 2)).toEqual([
      ["main,expand", 6, undefined],
      ["reduce", 2, undefined],
    ]);
  });

  test("the parts of a concatenation each alone, and depthwise filters with what they read", () => {
    const g = createGraphBuilder(IMAGE);
    const [a, b] = ["a", "b"].map((name) => g.conv(name, g.images, { filters: 4, kernel: 1 }));
    const both = g.concat(a ?? "", b ?? "");
    const y = g.conv("depthwise", both, { filters: 8, kernel: 3, padding: 1, groups: 8 });
    const graph = g.finish(g.dense("fc", g.globalPool(y), { features: 2 }));
    expect(rows(channelMap(graph)).slice(0, 2)).toEqual([
      ["a,depthwise", 4, undefined],
      ["b,depthwise", 4, undefined],
    ]);
  });

  test("no channels whose places a shuffle mixes with their own", () => {
    const g = createGraphBuilder(IMAGE);
    const x = g.conv("conv", g.images, { filters: 6, kernel: 1 });
    const graph = g.finish(g.dense("fc", g.globalPool(g.add(x, g.shuffle(x, 2))), { features: 2 }));
    expect(rows(channelMap(graph))[0]).toEqual(["conv", 3, "structure"]);
  });

  test("no channels of any output", () => {
    const whole = residual();
    const graph = { ...whole, outputs: [...whole.outputs, { name: "features", value: "relu2" }] };
    expect(rows(channelMap(graph))).toEqual([
      ["conv1,conv3", 4, undefined],
      ["conv2", 8, "end"],
      ["fc", 2, "end"],
    ]);
  });

  test.each([
    ["resnet18", 12],
    ["resnet50", 37],
    ["mobilenet_v2", 25],
    ["densenet40", 39],
    ["shufflenet_v2_x1_0", 21],
  ] as const)("of %s, %i that can be pruned", (name, count) => {
    const { build, imageSide: side } = graphArchitectures[name];
    const graph = build({ classes: 10, image: { height: side, width: side, channels: 3 } });
    const { coupled } = channelMap(graph);
    expect(coupled.filter(({ fixedBecause }) => fixedBecause === undefined)).toHaveLength(count);
  });
});

test("gammas of norms whose outputs are added have the same groups, and others have their own", () => {
  const groups = gammaGroups(residual());
  expect(groups.size).toBe(3);
  const [first, second, third] = ["bn1", "bn2", "bn3"].map((norm) => [
    ...(groups.get(`${norm}.weight`) ?? []),
  ]);
  expect(third).toEqual(first);
  expect(new Set(first).size).toBe(4);
  expect(second).toHaveLength(8);
  expect(new Set([...(first ?? []), ...(second ?? [])]).size).toBe(12);
});

describe("the importance of coupled layers", () => {
  const graph = residual();
  const model = randomModel(graph, 1);
  const weights = new Map(model.weights);
  const gammas = { bn1: [0.5, -2, 1, 0], bn3: [1.5, 0, 1, -4] };
  for (const [name, values] of Object.entries(gammas))
    weights.set(`${name}.weight`, {
      kind: "float",
      shape: [4],
      values: Float32Array.from(values),
    });
  const map = channelMap(graph);
  const of = (criterion: Criterion, combine: Combination, isRelative = false) =>
    channelImportance({ graph, weights }, map, { criterion, combine, isRelative });

  test.each([
    ["mean", [1, 1, 1, 2]],
    ["max", [1.5, 2, 1, 4]],
    ["sum", [2, 2, 2, 4]],
  ] as const)("combines their gammas by the %s", (combine, wanted) => {
    const [first] = map.coupled.filter(({ names }) => names.includes("conv1"));
    expect([...(first ? (of({ kind: "gamma" }, combine)(first) ?? []) : [])]).toEqual(wanted);
  });

  test("is unknown by gammas where no norm follows, and known by filters", () => {
    const g = createGraphBuilder(IMAGE);
    const x = g.relu(g.conv("plain", g.images, { filters: 4, kernel: 1 }));
    const plain = g.finish(g.dense("fc", g.globalPool(x), { features: 2 }));
    const own = channelMap(plain);
    const [layers] = own.coupled;
    const importance = (kind: "gamma" | "l1") =>
      channelImportance(randomModel(plain, 1), own, {
        criterion: { kind },
        combine: "mean",
        isRelative: false,
      });
    expect(layers && importance("gamma")(layers)).toBeUndefined();
    expect(layers && importance("l1")(layers)).toHaveLength(4);
  });

  test("adds the changes of the loss of all norms that masking a channel sets to 0", () => {
    const changes = new Map([
      ["bn1", Float64Array.of(1, 2, 3, 4)],
      ["bn3", Float64Array.of(10, 20, 30, 40)],
      // Layers before norms are not masked, so theirs do not count.
      ["conv1", Float64Array.of(100, 100, 100, 100)],
    ]);
    const [first] = map.coupled.filter(({ names }) => names.includes("conv1"));
    const importance = first && of({ kind: "taylor", changes }, "sum")(first);
    expect([...(importance ?? [])]).toEqual([11, 22, 33, 44]);
  });

  test("by chance depends on the seed only", () => {
    const [first] = map.coupled;
    const drawn = (seed: number) => first && of({ kind: "random", seed }, "mean")(first);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });
});

test("integer codes keep their scales when channels are removed", () => {
  const graph = residual();
  const { weights: floats } = randomModel(graph, 1);
  const codes = Int16Array.from({ length: 32 }, (_, index) => (index % 3) - 1);
  const quantized: WeightValue = {
    kind: "quantized",
    shape: [8, 4, 1, 1],
    grid: { kind: "sign" },
    codes,
    scale: Float32Array.from({ length: 8 }, (_, filter) => 1 + filter),
  };
  const model: Model = { graph, weights: new Map([...floats, ["conv2.weight", quantized]]) };
  const map = channelMap(graph);
  const layers = map.coupled.filter(({ fixedBecause }) => fixedBecause === undefined);
  const importance = layers.map(({ groups }) => Float64Array.from(groups, (_, index) => index));
  const share = { kind: "layers", percents: [0.4, 0.5] } as const;
  const { channels } = makePlan({ map, layers, importance, share, multiple: 1 });
  const small = pruneWeights(model, channels).weights.get("conv2.weight");
  expect(small).toEqual({
    ...quantized,
    shape: [3, 2, 1, 1],
    codes: Int16Array.from(
      [5, 6, 7].flatMap((filter) => [codes[4 * filter + 2] ?? 0, codes[4 * filter + 3] ?? 0]),
    ),
    scale: Float32Array.of(6, 7, 8),
  });
});

test("a net with several outputs keeps all channels of each and computes the same", () => {
  const whole = residual();
  const graph = { ...whole, outputs: [...whole.outputs, { name: "features", value: "bn2" }] };
  const model = randomModel(graph, 2);
  const map = channelMap(graph);
  const layers = map.coupled.filter(({ fixedBecause }) => fixedBecause === undefined);
  const importance = layers.map(({ groups }) => Float64Array.from(groups, (_, index) => -index));
  const share = { kind: "global", percent: 0.5 } as const;
  const { channels } = makePlan({ map, layers, importance, share, multiple: 1 });
  const outputs = interpret(pruneWeights(model, channels), randomImage(graph, 1));
  expect(outputs.get("features")).toHaveLength(8 * 16);
  expect(outputs.get("logits")).toHaveLength(2);
});
