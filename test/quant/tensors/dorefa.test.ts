import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { activationQuantizationSchema } from "../../../src/graph/quantizers.js";
import { activationOf } from "../../../src/quant/activations/activation-of.js";
import {
  doReFaActivation,
  signedDoReFaActivation,
} from "../../../src/quant/activations/dorefa-activation.js";
import { codeLevels } from "../../../src/quant/numbers/grids.js";
import {
  doReFaWeightsGradient,
  quantizeDoReFaWeights,
} from "../../../src/quant/tensors/dorefa-weights.js";
import { activate, activateGradient } from "../../../src/tensor/ops/activation.js";
import { tf } from "../../../src/tensor/tf.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const bitWidths = fc.integer({ min: 2, max: 8 });
const weights = fc.array(fc.float({ min: -3, max: 3, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
});

describe("DoReFa weights", () => {
  test("lie on the grid (2 k - n) / n, which has no 0", () => {
    fc.assert(
      fc.property(weights, bitWidths, (values, bits) => {
        const n = 2 ** bits - 1;
        for (const q of quantizeDoReFaWeights(tf.tensor1d(values), bits).dataSync()) {
          const code = (q * n + n) / 2;
          expect(Math.abs(code - Math.round(code))).toBeLessThan(1e-4);
          expect(code).toBeGreaterThanOrEqual(-1e-4);
          expect(code).toBeLessThanOrEqual(n + 1e-4);
          expect(q).not.toBe(0);
        }
      }),
    );
  });

  test("put the largest magnitude at the end of the grid", () => {
    fc.assert(
      fc.property(weights, bitWidths, (values, bits) => {
        const largest = values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
        // Below about 1e-7 the double rounding of tanh and the division may lose the sign's side.
        fc.pre(Math.abs(largest) > 1e-6);
        const q = quantizeDoReFaWeights(tf.tensor1d(values), bits).dataSync();
        expect(q[values.indexOf(largest)]).toBeCloseTo(Math.sign(largest), 6);
      }),
    );
  });

  test("keep the order of the weights", () => {
    fc.assert(
      fc.property(weights, bitWidths, (values, bits) => {
        const sorted = Float32Array.from(values).sort();
        const q = quantizeDoReFaWeights(tf.tensor1d(sorted), bits).dataSync();
        for (let at = 1; at < q.length; at++)
          expect(q[at]).toBeGreaterThanOrEqual(q[at - 1] as number);
      }),
    );
  });

  test("have the closed-form gradient of everything but the rounding", () => {
    fc.assert(
      fc.property(weights, bitWidths, fc.integer(), (values, bits, seed) => {
        const dq = values.map((_, at) => Math.sin(seed + at));
        const t = Float32Array.from(values, Math.tanh);
        const m = Math.max(...t.map(Math.abs));
        fc.pre(m > 1e-3);
        const ties = t.filter((each) => Math.abs(each) === m).length;
        const sum = t.reduce((total, each, at) => total + each * (dq[at] as number), 0);
        const expected = Array.from(t, (each, at) => {
          const throughMaximum =
            Math.abs(each) === m ? (Math.sign(each) * sum) / (m * m * ties) : 0;
          return ((dq[at] as number) / m - throughMaximum) * (1 - each * each);
        });
        const dw = doReFaWeightsGradient(tf.tensor1d(dq), tf.tensor1d(values), bits).dataSync();
        // The two terms of a tied maximum cancel, so the bound is relative to one of them.
        const gaps = expected.map((value, at) => Math.abs(value - (dw[at] as number)));
        expect(Math.max(...gaps)).toBeLessThan((1e-5 * values.length) / m);
      }),
    );
  });

  test.each([2, 4, 8])("all zero at %i bits become +1/n and have no gradient", (bits) => {
    const zeros = tf.zeros([3, 2]);
    for (const q of quantizeDoReFaWeights(zeros, bits).dataSync())
      expect(q).toBeCloseTo(1 / (2 ** bits - 1), 6);
    expect([...doReFaWeightsGradient(tf.ones([3, 2]), zeros, bits).dataSync()]).toEqual(
      Array(6).fill(0),
    );
  });

  test("of one bit are the sign times the mean magnitude and pass the gradient on", () => {
    const w = tf.tensor1d([0.5, -1.5, 0, 2]);
    expect([...quantizeDoReFaWeights(w, 1).dataSync()]).toEqual([1, -1, 0, 1]);
    expect([...quantizeDoReFaWeights(tf.zeros([2]), 1).dataSync()]).toEqual([0, 0]);
    const dq = tf.tensor1d([1, 2, 3, 4]);
    expect([...doReFaWeightsGradient(dq, w, 1).dataSync()]).toEqual([1, 2, 3, 4]);
  });

  test("of 32 bits are the weights themselves", () => {
    const w = tf.tensor1d([0.5, -1.5]);
    expect([...quantizeDoReFaWeights(w, 32).dataSync()]).toEqual([0.5, -1.5]);
  });
});

describe("DoReFa activations", () => {
  test("of 32 bits are the identity, or only the ReLU after a batch norm", () => {
    expect(doReFaActivation({ bits: 32, afterRelu: false })).toEqual({ kind: "identity" });
    expect(doReFaActivation({ bits: 32, afterRelu: true })).toEqual({ kind: "relu" });
  });

  test("have 2^bits - 1 levels and the factor of the reference scripts", () => {
    expect(doReFaActivation({ bits: 4, afterRelu: true })).toEqual({
      kind: "unit",
      levels: 15,
      scale: 0.1,
      afterRelu: true,
    });
    expect(doReFaActivation({ bits: 1, afterRelu: true }).kind).toBe("unitSign");
  });
});

describe("signed DoReFa activations", () => {
  test("lie on the grid k / n with whole k from -n to n = 2^(bits - 1) - 1", () => {
    fc.assert(
      fc.property(weights, bitWidths, (values, bits) => {
        const n = 2 ** (bits - 1) - 1;
        const q = activate(tf.tensor1d(values), signedDoReFaActivation(bits, 0.5)).dataSync();
        for (const [at, value] of values.entries()) {
          const clamped = Math.min(Math.max(value * 0.5, -1), 1);
          expect(Math.abs((q[at] as number) - clamped)).toBeLessThanOrEqual(0.5 / n + 1e-6);
          expect(Math.abs((q[at] as number) * n - Math.round((q[at] as number) * n))).toBeLessThan(
            1e-4,
          );
        }
      }),
    );
  });

  test("pass the gradient times the scale inside the clamp, its ends included", () => {
    const x = tf.tensor1d([-2.001, -2, -1, 0, 1, 2, 2.001]);
    const dx = activateGradient(tf.ones([7]), x, signedDoReFaActivation(3, 0.5));
    expect([...dx.dataSync()]).toEqual([0, 0.5, 0.5, 0.5, 0.5, 0.5, 0]);
  });

  test("are odd functions", () => {
    const x = tf.tensor1d([0.1, 0.7, 1.3, 1.9, 5]);
    const activation = signedDoReFaActivation(4, 0.5);
    const [y, mirrored] = [activate(x, activation), activate(tf.neg(x), activation)];
    expect([...tf.add(y, mirrored).dataSync()]).toEqual([0, 0, 0, 0, 0]);
  });

  test("need 2 bits, and keep 32 bits as they are", () => {
    expect(signedDoReFaActivation(32)).toEqual({ kind: "identity" });
    const signed = { kind: "dorefa", scale: 0.1, isSigned: true } as const;
    expect(activationQuantizationSchema.safeParse({ ...signed, bits: 1 }).success).toBe(false);
    const parsed = activationQuantizationSchema.parse({ ...signed, bits: 2 });
    expect(activationOf(parsed)).toEqual({ kind: "signedUnit", levels: 1, scale: 0.1 });
  });

  test("are not part of quantizers that files described before them", () => {
    const unsigned = { kind: "dorefa", bits: 4, scale: 0.1 } as const;
    expect(JSON.stringify(activationQuantizationSchema.parse(unsigned))).toBe(
      JSON.stringify(unsigned),
    );
    expect(activationQuantizationSchema.safeParse({ ...unsigned, isSigned: false }).success).toBe(
      false,
    );
  });

  test("have 2^(bits - 1) - 1 levels as inputs of an integer convolution", () => {
    const weights = { kind: "dorefa", bits: 8 } as const;
    const activations = { kind: "dorefa", bits: 8, scale: 0.1 } as const;
    expect(codeLevels({ weights, activations })).toBe(255);
    expect(codeLevels({ weights, activations: { ...activations, isSigned: true } })).toBe(127);
  });
});
