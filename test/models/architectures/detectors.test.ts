import { describe, expect, test } from "vitest";
import { boxLayoutOf } from "../../../src/graph/box-output.js";
import { readGraph } from "../../../src/graph/check-graph.js";
import { nodesInGraph, parametersOf, shapesOf } from "../../../src/graph/graph.js";
import {
  type GraphArchitectureName,
  graphArchitectureNames,
  graphArchitectures,
} from "../../../src/models/architectures/graph-architectures.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { withClasses } from "../../../src/models/replace-head.js";

const build = (name: GraphArchitectureName, side = 96, classes = 10, width = 1) =>
  graphArchitectures[name].build({
    classes,
    image: { height: side, width: side, channels: 3 },
    width,
  });

const tensorsOf = (name: GraphArchitectureName, side: number): Map<string, string> =>
  new Map(
    nodesInGraph(build(name, side)).flatMap((placed) =>
      parametersOf(placed).map(({ suffix, shape }) => [
        `${placed.node.name}.${suffix}`,
        String(shape),
      ]),
    ),
  );

const DETECTORS = graphArchitectureNames.filter((name) => name.startsWith("detector_"));

describe.each(DETECTORS)("%s", (name) => {
  test("describes boxes at the places of three levels", () => {
    const layout = boxLayoutOf(build(name));
    expect(layout).toEqual({
      levels: [
        { height: 12, width: 12, stride: 8, start: 0 },
        { height: 6, width: 6, stride: 16, start: 15 * 144 },
        { height: 3, width: 3, stride: 32, start: 15 * 180 },
      ],
      classes: 10,
      size: 15 * 189,
    });
  });

  test("has the tensors of its backbone by name and shape", () => {
    const backbone = tensorsOf(name.replace("detector_", "") as GraphArchitectureName, 96);
    const own = tensorsOf(name, 96);
    const shared = [...own].filter(([tensor]) => backbone.has(tensor));
    expect(shared.length).toBeGreaterThan(0.9 * backbone.size - 12);
    for (const [tensor, shape] of shared) expect(shape).toBe(backbone.get(tensor));
    expect([...own.keys()].filter((tensor) => !backbone.has(tensor))).not.toEqual([]);
    for (const [tensor] of own)
      expect(backbone.has(tensor) || /^(head|pyramid|extra)\./.test(tensor)).toBe(true);
  });
});

test("a detector is scaled by its width, and its head has another number of classes", () => {
  const narrow = build("detector_resnet20", 96, 10, 0.5);
  expect(shapesOf(narrow).get("pyramid.0.conv")).toEqual([12, 12, 32]);
  expect(boxLayoutOf(withClasses(narrow, 3))?.classes).toBe(3);
  expect(
    specOfGraph({
      arch: "x",
      graph: narrow,
      quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
      form: "trainable",
    }).classes,
  ).toBe(10);
});

test("images whose sides are no multiples of 32 are refused", () => {
  expect(() => build("detector_resnet20", 100)).toThrow("need to be multiples of 32");
});

test("Tiny YOLOv2 is a chain with one level of stride 32", () => {
  const graph = build("tiny_yolo_v2", 416, 20);
  expect(boxLayoutOf(graph)?.levels).toEqual([{ height: 13, width: 13, stride: 32, start: 0 }]);
  expect(boxLayoutOf(graph)?.classes).toBe(20);
  const widths = graph.nodes.flatMap((node) => (node.kind === "conv" ? [node.filters] : []));
  expect(widths.slice(0, 7)).toEqual([16, 32, 64, 128, 256, 512, 1024]);
});

test("a graph whose output does not describe boxes at its places is refused", () => {
  const graph = build("detector_resnet20");
  const [output] = graph.outputs;
  const wrong = { ...graph, outputs: [{ ...output, boxes: { strides: [8, 16] } }] };
  // 2835 values at 180 places are 15.75 channels.
  expect(() => readGraph(wrong, "it")).toThrow(
    "its 2835 outputs do not describe boxes at 180 places",
  );
  expect(boxLayoutOf(readGraph(JSON.parse(JSON.stringify(graph)), "it"))?.size).toBe(2835);
});
