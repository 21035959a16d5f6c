import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { agreementOf, type Prediction, TOLERANCE } from "./agreement.js";
import { type Case, CLASSES, floatCases, quantizedCases } from "./cases.js";
import { everyKind } from "./every-kind.js";
import { serveCases } from "./serve.js";

const script = fileURLToPath(new URL("predict-in-node.js", import.meta.url));

/** What plain TensorFlow.js computes, in a process of its own. */
const predict = async (cases: readonly Case[]): Promise<Prediction[]> => {
  const served = await serveCases(cases);
  const names = cases.map(({ name }) => name);
  try {
    const call = promisify(execFile)(process.execPath, [script, served.url, ...names], {
      maxBuffer: 2 ** 26,
    });
    const results = JSON.parse((await call).stdout) as Record<string, Prediction>;
    return names.map((name) => results[name] as Prediction);
  } finally {
    await served.close();
  }
};

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describe("plain TensorFlow.js in Node", () => {
  test("computes the logits of full-precision nets", async () => {
    const cases = floatCases();
    const predictions = await predict(cases);
    predictions.forEach((prediction, at) => {
      const one = cases[at] as Case;
      expect(prediction).toMatchObject({ backend: "cpu", input: "images", output: "logits" });
      expect(prediction.shape).toEqual([one.expected.length / CLASSES, CLASSES]);
      expect(agreementOf(one, prediction).worst, one.name).toBeLessThan(TOLERANCE);
    });
  });

  test("gives quantized nets the same classes on 100 images", async () => {
    const cases = quantizedCases();
    const predictions = await predict(cases);
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
    const predictions = await predict(cases);
    const moved = cases.filter(
      (one, at) => agreementOf(one, predictions[at] as Prediction).worst > TOLERANCE,
    );
    // As above; a mistake in one kind would move all of its nets.
    expect(moved.map(({ name }) => name).length).toBeLessThanOrEqual(cases.length / 50);
  });

  test("hands over what a user must know beside the graph", async () => {
    const [one] = floatCases();
    const [prediction] = await predict([one as Case]);
    expect(prediction?.metadata).toMatchObject({
      net: "nin",
      classNames: [..."0123456789"],
      normalisation: { mean: [0.1005, 0.1005, 0.1005], std: [0.2757, 0.2757, 0.2757] },
      input: { layout: "NHWC", height: 32, width: 32 },
    });
  });
});
