import { expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { memoryFailure } from "../../src/engine/out-of-memory.js";

test("an engine without memory is said in words that name the tensor and what to do", () => {
  const said = new Error(
    "Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[2000,32,32,192] and type float",
  );
  const failure = memoryFailure(said) as QpruneError;
  expect(failure).toBeInstanceOf(QpruneError);
  expect(failure.message).toBe(
    "The memory ran out: none was left for a tensor of shape [2000, 32, 32, 192].",
  );
  expect(failure.hint).toContain("--train_batch_size");
});

test("other errors stay what they are", () => {
  for (const error of [new Error("Invalid TF_Status: 3"), new QpruneError("OOM"), 7]) {
    expect(memoryFailure(error)).toBe(error);
  }
});
