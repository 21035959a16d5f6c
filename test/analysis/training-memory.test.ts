import { describe, expect, test } from "vitest";
import { trainingMemory } from "../../src/analysis/training-memory.js";
import { chainToGraph } from "../../src/models/chains/chain-to-graph.js";
import { specFromDescription } from "../../src/models/chains/descriptions/chain-from-description.js";
import { branchedGraph } from "../graph/branched-graph.js";

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;
const spec = (side: number, width = 8) =>
  specFromDescription({
    description: {
      name: "two",
      convs: [{ width, kernel: 3, pool: { kind: "max", size: 2 } }, { kernel: 1 }],
    },
    classes: 10,
    input: { channels: 3, height: side, width: side },
    sequence: "dorefa",
    quantization: FLOAT,
  });

describe("the memory that training needs", () => {
  test("is for each image what goes into the convolutions and comes out, and the largest map", () => {
    const kept = 3 * 256 + 8 * 256 + 8 * 64 + 10 * 64;
    const { bytesPerTrainedImage, bytesPerTestedImage } = trainingMemory(chainToGraph(spec(16)));
    expect(bytesPerTrainedImage).toBe(4 * (kept + 1.5 * 8 * 256));
    expect(bytesPerTestedImage).toBeCloseTo(4 * 2.6 * 8 * 256, 6);
  });

  test("keeps no input that the backward pass recomputes", () => {
    const behindNorm = specFromDescription({
      description: { name: "two", convs: [{ width: 8, kernel: 3 }, { kernel: 1 }] },
      classes: 10,
      input: { channels: 3, height: 16, width: 16 },
      sequence: "dorefa",
      quantization: FLOAT,
    });
    const kept = 3 * 256 + 8 * 256 + 10 * 256;
    expect(trainingMemory(chainToGraph(behindNorm)).bytesPerTrainedImage).toBe(
      4 * (kept + 1.5 * 10 * 256),
    );
  });

  test("grows with the area of the images and with the widths", () => {
    const bytes = (...call: Parameters<typeof spec>) =>
      trainingMemory(chainToGraph(spec(...call))).bytesPerTrainedImage;
    expect(bytes(32)).toBe(4 * bytes(16));
    expect(bytes(16, 16)).toBeGreaterThan(1.5 * bytes(16));
  });

  test("holds the weights six times", () => {
    const kernels = 8 * 27 + 10 * 8;
    const others = 3 * (8 + 10) + 2 * (8 + 10);
    expect(trainingMemory(chainToGraph(spec(16))).weightBytes).toBe(6 * 4 * (kernels + others));
  });

  test("counts a map once that several nodes read, and the outputs of activations after sums", () => {
    const graph = branchedGraph({});
    const map = 7 * 6 * 8;
    const before = 7 * 6 * 3 + 3 * map;
    // The inputs of the norms of the sum and the concatenation, which no layer computes.
    const afterSum = map + 7 * 6 * 4 + 7 * 6 * (4 + 4 + 8);
    // The stride leaves maps of 4x3, the pool of 2x2; the norm after the pool takes those.
    const afterStride = 4 * 3 * 6 + 2 * 2 * 6;
    const vectors = 2 * 2 * 6 + 5 + 5 + 3;
    const { bytesPerTrainedImage } = trainingMemory(graph);
    const kept = bytesPerTrainedImage / 4 - 1.5 * 7 * 6 * 16;
    expect(kept).toBe(before + afterSum + map + afterStride + vectors);
  });
});
