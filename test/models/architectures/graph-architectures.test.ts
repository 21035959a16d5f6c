import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { readGraph } from "../../../src/graph/check-graph.js";
import { graphCost } from "../../../src/graph/cost.js";
import { type Graph, nodesInGraph, parametersOf, shapesOf } from "../../../src/graph/graph.js";
import type { ConvNode } from "../../../src/graph/kinds/convolutions.js";
import {
  graphArchitectureNames,
  graphArchitectures,
} from "../../../src/models/architectures/graph-architectures.js";

/** Of a net in PyTorch: bench/torch/architectures.py writes source-nets.json. */
interface SourceNet {
  readonly side: number;
  readonly tensors: number;
  readonly parameters: number;
  readonly macs: number;
  /** Of the lines "name [shape]", in the order of the state dict. */
  readonly sha256: string;
}
const { nets } = JSON.parse(readFileSync(new URL("source-nets.json", import.meta.url), "utf8")) as {
  nets: Record<string, SourceNet>;
};

/** Detectors have no source, and other outputs; detectors.test.ts tests them. */
const classifierNames = graphArchitectureNames.filter(
  (name) => !/^detector_|^tiny_yolo/.test(name),
);

const image = (side: number) => ({ height: side, width: side, channels: 3 });

const tensorLines = (graph: Graph): string[] =>
  nodesInGraph(graph).flatMap((placed) =>
    parametersOf(placed).map(({ suffix, shape }) => `${placed.node.name}.${suffix} [${shape}]`),
  );

const factsOf = (graph: Graph): Omit<SourceNet, "side"> => {
  const lines = tensorLines(graph);
  const { parameters, macs } = graphCost(graph);
  const sha256 = createHash("sha256").update(lines.join("\n")).digest("hex");
  return { tensors: lines.length, parameters, macs, sha256 };
};

const classesFor = (side: number): number => (side === 32 ? 10 : 1000);

describe("an architecture has the tensors, parameters and MACs of its source", () => {
  test.each(classifierNames)("%s", (name) => {
    const { build, imageSide } = graphArchitectures[name];
    const graph = build({ classes: classesFor(imageSide), image: image(imageSide) });
    expect({ side: imageSide, ...factsOf(graph) }).toEqual(nets[name]);
  });

  test("and no source is left out", () => {
    expect(Object.keys(nets).sort()).toEqual([...classifierNames].sort());
  });
});

describe("MACs at the published image size", () => {
  // Billions, as torchvision and the papers publish them.
  test.each([
    ["resnet18", 1.814],
    ["resnet34", 3.664],
    ["resnet50", 4.089],
    ["vgg16_bn", 15.47],
    ["mobilenet_v2", 0.301],
    ["shufflenet_v2_x0_5", 0.04],
    ["shufflenet_v2_x1_0", 0.145],
    ["squeezenet1_1", 0.349],
  ] as const)("of %s are %d billion", (name, published) => {
    const graph = graphArchitectures[name].build({ classes: 1000, image: image(224) });
    expect(Math.abs(graphCost(graph).macs / 1e9 - published)).toBeLessThan(0.01);
  });
});

describe("every architecture", () => {
  test.each(classifierNames)("%s is a valid graph for small images at any width", (name) => {
    for (const width of [0.25, 0.33, 1.25]) {
      const graph = graphArchitectures[name].build({ classes: 7, image: image(32), width });
      expect(readGraph(JSON.parse(JSON.stringify(graph)), name)).toEqual(graph);
      const [output] = graph.outputs;
      expect(shapesOf(graph).get(output?.value ?? "")).toEqual([7]);
    }
  });

  test.each(classifierNames)("%s takes images that are not square", (name) => {
    const { build, imageSide } = graphArchitectures[name];
    const rectangle = { height: imageSide, width: 2 * imageSide, channels: 1 };
    const graph = build({ classes: 3, image: rectangle, width: 0.25 });
    const [output] = graph.outputs;
    expect(shapesOf(graph).get(output?.value ?? "")).toEqual([3]);
  });
});

describe("widths", () => {
  const widthsOf = (name: "mobilenet_v2" | "shufflenet_v2_x1_0", width: number): number[] =>
    graphArchitectures[name]
      .build({ classes: 10, image: image(32), width })
      .nodes.filter((node): node is ConvNode => node.kind === "conv" && node.groups === 1)
      .map(({ filters }) => filters);

  test("of MobileNetV2 are rounded to eights, and a smaller net keeps its last convolution", () => {
    const widths = widthsOf("mobilenet_v2", 0.35);
    expect(widths[0]).toBe(16);
    expect(widths.every((filters) => filters % 8 === 0)).toBe(true);
    expect(widths.at(-1)).toBe(1280);
    expect(widthsOf("mobilenet_v2", 1.4).at(-1)).toBe(1792);
  });

  test("of ShuffleNetV2 stay even where blocks split them", () => {
    const graph = graphArchitectures.shufflenet_v2_x1_0.build({
      classes: 10,
      image: image(32),
      width: 0.33,
    });
    const splits = graph.nodes.flatMap((node) => (node.kind === "split" ? [node.sizes] : []));
    expect(splits).toHaveLength(13);
    expect(splits.every(([one, other]) => one === other)).toBe(true);
  });
});

describe("images that are too small", () => {
  const refusal = (act: () => unknown): QpruneError => {
    try {
      act();
    } catch (error) {
      if (error instanceof QpruneError) return error;
    }
    throw new Error("was not refused");
  };

  test("are refused with the node and the size for which the net was designed", () => {
    const { build } = graphArchitectures.squeezenet1_1;
    const error = refusal(() => build({ classes: 10, image: image(8) }));
    expect(error.kind).toBe("usage");
    expect(error.message).toMatch(
      /^squeezenet1_1 for images of 8x8: the net is not consistent: node features\/maxPool\d leaves nothing/,
    );
    expect(error.hint).toMatch(/224x224/);
  });

  test("or do not divide into the maps of a classifier are refused with the sides that do", () => {
    const { build } = graphArchitectures.vgg11_bn;
    const error = refusal(() => build({ classes: 10, image: image(96) }));
    expect(error.message).toMatch(/feature maps of these images are 3x3/);
    expect(error.hint).toMatch(/multiples of 224, or from 32 to 63/);
  });
});
