import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { errorText } from "../../src/cli/error-text.js";
import { loadDataSet } from "../../src/data/load-data-set.js";

const errorOf = async (promise: Promise<unknown>): Promise<QpruneError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof QpruneError) return error;
  throw error ?? new Error("nothing was refused");
};

describe("the hint of an error on the command line", () => {
  test("advises flags by the error's code, while the library's hint names none", async () => {
    const directory = join(mkdtempSync(join(tmpdir(), "qprune-advice-")), "missing");
    const error = await errorOf(loadDataSet({ name: "cifar10", directory, parts: "test only" }));
    expect(error.hint).not.toMatch(/--\w/);
    expect(errorText(error).hint).toMatch(
      /^Add --download to fetch it, or unpack cifar-10-binary\.tar\.gz \(https:.*\) there\. --dataset digits works at once/,
    );
  });

  test("fills the error's details in", () => {
    const error = new QpruneError("No test images.", {
      code: "no-test-images",
      details: { folder: "photos", train: "photos/train" },
    });
    expect(errorText(error).hint).toBe(
      "Put test images under photos/val, or use --data photos/train, so that some of its images are held out for testing.",
    );
  });

  test("is the library's own for an error without a code", () => {
    expect(errorText(new QpruneError("Wrong.", { hint: "Do this." })).hint).toBe("Do this.");
    expect(errorText(new QpruneError("Wrong.")).hint).toBeUndefined();
  });
});
