import { describe, expect, test } from "vitest";
import { graphProblem } from "../../src/graph/check-graph.js";
import type { Graph } from "../../src/graph/graph.js";
import type { Quantization } from "../../src/graph/quantizers.js";
import {
  type GraphArchitectureName,
  graphArchitectureNames,
  graphArchitectures,
} from "../../src/models/architectures/graph-architectures.js";
import { DEFAULT_PLACEMENT } from "../../src/passes/layer-precisions.js";
import { floatGraph, quantizeGraph } from "../../src/passes/quantize-graph.js";

const BINARY: Quantization = {
  weights: { kind: "binary", hasAlpha: true },
  activations: { kind: "binary", values: "sign", straightThrough: "saturate" },
};
const EIGHT_BITS: Quantization = {
  weights: { kind: "dorefa", bits: 8 },
  activations: { kind: "dorefa", bits: 8, scale: 0.1 },
};

const graphOf = (name: GraphArchitectureName): Graph =>
  graphArchitectures[name].build({ classes: 10, image: { height: 64, width: 64, channels: 3 } });

const quantize = (graph: Graph, quantization: Quantization): Graph =>
  quantizeGraph(graph, quantization, DEFAULT_PLACEMENT);

const quantizers = ({ nodes }: Graph) => nodes.filter((node) => node.kind === "quantize");

describe("quantizers in graphs", () => {
  test.each(graphArchitectureNames.filter((name) => !/^vgg.*bn$/.test(name)))(
    "%s stays consistent when it is quantized again in another way",
    (name) => {
      const eight = quantize(graphOf(name), EIGHT_BITS);
      const binary = quantize(eight, BINARY);
      for (const graph of [eight, binary, quantize(binary, EIGHT_BITS), quantize(binary, BINARY)])
        expect(graphProblem(graph)).toBeUndefined();
      // The pyramid of a detector may get quantizers of its own where values shared one before.
      const again = quantizers(quantize(binary, EIGHT_BITS)).length;
      const shared = quantizers(eight).length;
      if (eight.outputs[0]?.boxes) expect(again).toBeGreaterThanOrEqual(shared);
      else expect(again).toBe(shared);
    },
  );

  test("the float graph of a quantized residual net is the net before", () => {
    const net = graphOf("resnet20");
    expect(floatGraph(quantize(net, EIGHT_BITS))).toEqual(net);
    const again = floatGraph(quantize(net, BINARY));
    expect(quantizers(again)).toEqual([]);
    expect(again.nodes.filter(({ kind }) => kind === "add")).toHaveLength(9);
  });

  test("layers that read one value share a quantizer, and additions read the value before it", () => {
    const graph = quantize(graphOf("resnet18"), EIGHT_BITS);
    const shared = graph.nodes.filter(
      ({ kind, inputs }) => kind === "conv" && inputs[0] === quantizers(graph)[4]?.name,
    );
    expect(shared.map(({ name }) => name)).toEqual(["layer2.0.conv1", "layer2.0.downsample.0"]);
    const isQuantizer = new Set(quantizers(graph).map(({ name }) => name));
    for (const { kind, inputs } of graph.nodes)
      if (kind === "add") expect(inputs.some((value) => isQuantizer.has(value))).toBe(false);
  });

  test("DoReFa is signed after linear bottlenecks, and has the factor 1/6 after a ReLU6", () => {
    const graph = quantize(graphOf("mobilenet_v2"), EIGHT_BITS);
    const quantizerOf = (layer: string) => {
      const node = graph.nodes.find(({ name }) => name === layer);
      return quantizers(graph).find(({ name }) => name === node?.inputs[0])?.quantizer;
    };
    expect(quantizerOf("features.2.conv.0.0")).toEqual({
      ...EIGHT_BITS.activations,
      isSigned: true,
    });
    expect(quantizerOf("features.2.conv.2")).toEqual({ ...EIGHT_BITS.activations, scale: 1 / 6 });
    expect(quantizerOf("features.0.0")).toBeUndefined();
    expect(quantizerOf("classifier.1")).toBeUndefined();
  });
});
