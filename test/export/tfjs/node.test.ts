import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { agreementOf, type Prediction, TOLERANCE } from "./agreement.js";
import { type Case, CLASSES, floatCases, quantizedCases } from "./cases.js";
import { everyKind } from "./every-kind.js";
import { runInNode } from "./run-in-node.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describe("plain TensorFlow.js in Node", () => {
  test("computes the logits of full-precision nets, and provides their metadata", async () => {
    const cases = floatCases();
    const predictions = await runInNode(cases);
    predictions.forEach((prediction, at) => {
      const one = cases[at] as Case;
      expect(prediction).toMatchObject({ backend: "cpu", input: "images", output: "logits" });
      expect(prediction.metadata).toMatchObject({
        net: one.name.replace("-merged", ""),
        classNames: [..."0123456789"],
        normalisation: { mean: [0.1005, 0.1005, 0.1005], std: [0.2757, 0.2757, 0.2757] },
      });
      expect(prediction.shape).toEqual([one.expected.length / CLASSES, CLASSES]);
      expect(agreementOf(one, prediction).worst, one.name).toBeLessThan(TOLERANCE);
    });
  });

  test("predicts the same classes for quantized nets on 100 images", async () => {
    const cases = quantizedCases();
    const predictions = await runInNode(cases);
    predictions.forEach((prediction, at) => {
      const one = cases[at] as Case;
      const { movedImages, otherClasses } = agreementOf(one, prediction);
      // A sum in another order may fall on the other side of a quantizer's boundary.
      expect(otherClasses, one.name).toBeLessThanOrEqual(1);
      expect(movedImages, one.name).toBeLessThanOrEqual(5);
    });
  });

  test("computes nets of every kind of weights and activations, in both orders, merged or not", async () => {
    const cases = everyKind();
    const predictions = await runInNode(cases);
    const moved = cases.filter(
      (one, at) => agreementOf(one, predictions[at] as Prediction).worst > TOLERANCE,
    );
    // As above; an error in one kind would affect all of its nets.
    expect(moved.map(({ name }) => name).length).toBeLessThanOrEqual(cases.length / 50);
  });
});
