import { expect, test } from "vitest";
import type { EngineInfo } from "../../../src/engine/load-engine.js";
import { withPrecision } from "../../../src/workflows/training/choose-precision.js";
import type { TrainingCall } from "../../../src/workflows/training/training-call.js";

const native = (multipliesBf16: boolean): EngineInfo =>
  ({ kind: "native", multipliesBf16 }) as EngineInfo;

/** The precision that a call gets, and the reported lines. */
const chosen = (precision: string, engine: EngineInfo) => {
  const lines: string[] = [];
  const call = { options: { precision } } as unknown as TrainingCall;
  const { options } = withPrecision(call, engine, {
    onEvent: (event) => lines.push(event.kind === "message" ? event.text : event.kind),
  });
  return [options.precision, ...lines];
};

test.each([
  ["auto", true, "bf16", /^Convolutions compute in bf16: this processor multiplies bfloat16$/],
  ["auto", false, "float32", /^Convolutions compute in float32: nothing here multiplies bfloat16/],
  ["bf16", false, "bf16", /^Nothing here multiplies bfloat16 .* slower than float32/],
])("%s on a processor that multiplies bfloat16 (%s): %s", (asked, has, precision, line) => {
  expect(chosen(asked, native(has))).toEqual([precision, expect.stringMatching(line)]);
});

test.each([
  ["bf16", true],
  ["float32", true],
  ["float32", false],
])("%s on a processor that multiplies bfloat16 (%s) is taken without a word", (asked, has) => {
  expect(chosen(asked, native(has))).toEqual([asked]);
});
