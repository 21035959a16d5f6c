import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { z } from "zod";
import { QpruneError } from "../../../src/base/errors.js";
import { loadCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import type { StoredTensor } from "../../../src/formats/safetensors/stored-tensor.js";
import { numbersOf } from "../../../src/formats/safetensors/tensor-values.js";
import { readPth } from "../../../src/formats/torch/read-pth.js";
import type { Findings } from "../compare.js";
import type { Check } from "./check.js";

/** float64 sums in another order. */
const SUM_TOLERANCE = 1e-9;
const DTYPES: Readonly<Record<string, string>> = { F32: "float32", I64: "int64" };

const readScalars = z.looseObject({
  best_acc: z.number().optional(),
  cfg: z.array(z.int()).optional(),
  state_dict: z.record(
    z.string(),
    z.object({
      shape: z.array(z.int()),
      dtype: z.string(),
      sum: z.number(),
      sha256: z.string(),
    }),
  ),
});
type Expected = z.output<typeof readScalars>["state_dict"][string];

const checkTensor = (
  name: string,
  tensor: StoredTensor | undefined,
  expected: Expected,
  findings: Findings,
): void => {
  if (!tensor) {
    findings.problems.push(`${name} is missing`);
    return;
  }
  const { shape, dtype, data } = tensor;
  const sum = Array.from(numbersOf(tensor) ?? []).reduce((total, value) => total + value, 0);
  const digest = createHash("sha256").update(data).digest("hex");
  findings.claim(`${name}: shape [${shape}]`, String(shape) === String(expected.shape));
  findings.claim(`${name}: dtype ${dtype}`, DTYPES[dtype] === expected.dtype);
  findings.claim(`${name}: elements`, digest === expected.sha256);
  findings.claim(
    `${name}: sum ${sum}`,
    Math.abs(sum - expected.sum) <= SUM_TOLERANCE * Math.max(1, Math.abs(expected.sum)),
  );
};

/** Every tensor of a file of torch.save, in order, and what stands around them. */
export const checkPth: Check = async ({ fixture, fixtures, findings }) => {
  const expected = readScalars.parse(fixture.scalars);
  const { tensors, cfg, bestAccuracy } = await readPth(fixtures.pathOf(fixture));
  findings.claim("names", String([...tensors.keys()]) === String(Object.keys(expected.state_dict)));
  for (const [name, each] of Object.entries(expected.state_dict)) {
    checkTensor(name, tensors.get(name), each, findings);
  }
  findings.claim(`cfg ${cfg}`, String(cfg) === String(expected.cfg));
  findings.claim(`best_acc ${bestAccuracy}`, (bestAccuracy ?? 0) === (expected.best_acc ?? 0));
};

const refusalOf = (reading: Promise<unknown>): Promise<unknown> =>
  reading.then(
    () => undefined,
    (error: unknown) => error,
  );

/** A file that is refused with an error that is meant to be read, and that runs nothing. */
export const checkPthRefuse: Check = async ({ fixture, fixtures, findings }) => {
  const path = fixtures.pathOf(fixture);
  for (const read of [readPth, loadCheckpoint]) {
    const error = await refusalOf(read(path));
    findings.claim(`${read.name} gave ${error}`, error instanceof QpruneError);
    if (!(error instanceof QpruneError)) continue;
    findings.claim(`no file name in ${error.message}`, error.message.includes(path));
    findings.claim(`no hint behind ${error.message}`, error.hint !== undefined);
  }
  const { marker } = z.looseObject({ marker: z.string().optional() }).parse(fixture.scalars);
  findings.claim(`${marker} appeared`, marker === undefined || !existsSync(marker));
};
