import { describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { programCall } from "../../src/library/program-options.js";
import { pruneModel, trainModel } from "../../src/library/workflows.js";
import { compareOptions } from "../../src/options/commands/compare-options.js";
import { wqaqOptions } from "../../src/options/commands/wqaq-options.js";

const failureOf = async (call: Promise<unknown>): Promise<QpruneError> => {
  const error = await call.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(QpruneError);
  return error as QpruneError;
};

describe("options of a program", () => {
  test("are those of the command line in camelCase, with its defaults", () => {
    const { options, given } = programCall("wqaq", wqaqOptions, {
      trainBatchSize: 10,
      lrDrops: [],
      Wbits: 4,
      save: undefined,
    });
    expect(options).toMatchObject({ train_batch_size: 10, lr_drops: [], Wbits: 4, Abits: 8 });
    expect(options.epochs).toBe(300);
    expect([...given]).toEqual(["train_batch_size", "lr_drops", "Wbits"]);
  });

  test("are recorded as the command line that does the same", () => {
    const { argv } = programCall("wqaq", wqaqOptions, {
      Wbits: 4,
      lrDrops: [],
      mirror: false,
      alpha: true,
      save: "-odd.safetensors",
    });
    expect(argv.join(" ")).toBe(
      "wqaq --Wbits 4 --lr-drops none --no-mirror --alpha --save=-odd.safetensors",
    );
    const compared = programCall("compare", compareOptions, {
      files: ["a.pth", "b.pth"],
    }).argv;
    expect(compared).toEqual(["compare", "a.pth", "b.pth"]);
  });

  test("that do not exist are refused with the one that was meant", () => {
    expect(() => programCall("wqaq", wqaqOptions, { trainBatchsize: 10 })).toThrow(
      expect.objectContaining({
        message: "wqaq has no option trainBatchsize.",
        hint: "Did you mean trainBatchSize?",
        kind: "usage",
      }),
    );
  });

  test("with wrong values are refused by the names that programs use", () => {
    expect(() => programCall("wqaq", wqaqOptions, { trainBatchSize: 0, Abits: 9 })).toThrow(
      /^Abits 9: expected a whole number from 1 to 8, or 32.*\ntrainBatchSize 0: expected/,
    );
  });
});

describe("library functions", () => {
  test("name options without dashes in their errors", async () => {
    const both = await failureOf(
      trainModel({ dataset: "digits", arch: "nin", cfg: [8], width: 0.5, epochs: 1 }),
    );
    expect(both.message).toBe("cfg and width both set the widths.");
    const sparse = await failureOf(trainModel({ s: 0.1 }));
    expect(sparse.message).toMatch(/^s 0\.1 is the strength of sparse training/);
    expect(sparse.code).toBe("sparsity-without-sparse-training");
    for (const { message, hint } of [both, sparse]) expect(`${message} ${hint}`).not.toMatch(/--/);
  });

  test("choose quantized training by its options", async () => {
    const error = await failureOf(trainModel({ W: 2, gap: 0.8 }));
    expect(error.message).toBe("gap applies only to ternary weights.");
  });

  test("report a file that is missing with a code", async () => {
    const { code, message } = await failureOf(pruneModel({ dryRun: true }));
    expect(code).toBe("no-model-file");
    expect(message).toMatch(/^No model is given, and models_save\/prune\/nin_preprune/);
  });
});
