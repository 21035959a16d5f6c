import { expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import type { Checkpoint } from "../../../src/checkpoint/checkpoint.js";
import {
  adviceOnRecordedDataSet,
  otherDataSet,
} from "../../../src/workflows/training/checks/recorded-data-set.js";
import type { TrainingCall } from "../../../src/workflows/training/training-call.js";

/** A file that was trained on a data set, and a call; only the parts that the check reads. */
const fileOf = (name: string) =>
  ({ path: "nin.safetensors", manifest: { dataSet: { name } } }) as unknown as Checkpoint;
const callOf = (dataset: string, given: readonly string[] = []) =>
  ({ options: { dataset }, given: new Set(given) }) as unknown as TrainingCall;

test("a net of the digits that continues on CIFAR-10 by default is reported", () => {
  expect(otherDataSet(callOf("cifar10"), fileOf("digits"))).toEqual({
    kind: "other-data-set",
    file: "nin.safetensors",
    recorded: "digits",
    dataset: "cifar10",
  });
});

test("nothing is reported for the same data set, a chosen one, or one that no option names", () => {
  expect(otherDataSet(callOf("digits"), fileOf("digits"))).toBeUndefined();
  expect(otherDataSet(callOf("cifar10", ["dataset"]), fileOf("digits"))).toBeUndefined();
  expect(otherDataSet(callOf("cifar10"), fileOf("imagenet"))).toBeUndefined();
});

test("the hint about missing images names the data set of the file, unless one was chosen", () => {
  const missing = new QpruneError("No images.", { kind: "usage", hint: "Download them." });
  const advised = adviceOnRecordedDataSet(missing, callOf("cifar10"), fileOf("digits"));
  expect(advised).toMatchObject({
    message: "No images.",
    hint: "nin.safetensors was trained on digits. To train it on these images again, add dataset digits.",
    kind: "usage",
    cause: missing,
  });
  expect(adviceOnRecordedDataSet(missing, callOf("cifar10", ["dataset"]), fileOf("digits"))).toBe(
    missing,
  );
  expect(adviceOnRecordedDataSet(missing, callOf("cifar10"), undefined)).toBe(missing);
});
