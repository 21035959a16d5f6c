import { expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { memoryFailure } from "../../src/engine/out-of-memory.js";

test("an engine that runs out of memory raises an error that names the tensor and a remedy", () => {
  const thrown = new Error(
    "Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[2000,32,32,192] and type float",
  );
  const failure = memoryFailure(thrown) as QpruneError;
  expect(failure).toBeInstanceOf(QpruneError);
  expect(failure.message).toBe(
    "Out of memory: none was left for a tensor of shape [2000, 32, 32, 192].",
  );
  expect(failure.code).toBe("out-of-memory");
});

test("other errors pass unchanged", () => {
  for (const error of [new Error("Invalid TF_Status: 3"), new QpruneError("OOM"), 7]) {
    expect(memoryFailure(error)).toBe(error);
  }
});
