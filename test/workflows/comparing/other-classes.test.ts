import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import { weightsState } from "../../../src/checkpoint/tensors/net-weights.js";
import { CIFAR } from "../../../src/data/cifar/cifar.js";
import { type DataSetInfo, OWN_IMAGES } from "../../../src/data/data-set.js";
import { FULL_PRECISION } from "../../../src/graph/quantizers.js";
import { builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../../src/models/chains/built-in-chains.js";
import { scaledWidths } from "../../../src/models/chains/descriptions/chain-from-description.js";
import type { CompareCall } from "../../../src/workflows/comparing/compare-call.js";
import { readComparedNets } from "../../../src/workflows/comparing/read-compared-nets.js";
import { randomWeights } from "../../models/random-weights.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-classes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a net with some classes, and returns the path. */
const netOf = async (name: string, classNames: readonly string[], dataSet: DataSetInfo["name"]) => {
  const path = join(folder, `${name}.safetensors`);
  const spec = builtInSpec({
    arch: "nin",
    widths: scaledWidths(builtInNets.nin, 0.0625),
    classes: classNames.length,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "dorefa",
    quantization: FULL_PRECISION,
  });
  const info = { ...CIFAR.cifar10.info, name: dataSet, classNames };
  const manifest = { spec, dataSet: info, epoch: 1, isFinished: true, version: "test" };
  await writeCheckpoint(path, weightsState(spec, randomWeights(spec, 1)), manifest);
  return path;
};

/** The message that refuses a comparison. */
const refusal = (...files: string[]): Promise<string> =>
  readComparedNets({ options: { files } } as CompareCall).then(
    () => "",
    (error: Error) => error.message,
  );

const CLASSES = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu"];

test("nets of the user's own images with other classes are refused with the names that differ", async () => {
  const one = await netOf("one", CLASSES, OWN_IMAGES);
  const two = await netOf("two", [...CLASSES.slice(0, 6), "owl"], OWN_IMAGES);
  expect(await refusal(one, two)).toBe(
    `${one} has gnu among its classes, but ${two} has owl instead.`,
  );
  const fewer = await netOf("fewer", CLASSES.slice(0, 2), OWN_IMAGES);
  expect(await refusal(fewer, one)).toBe(
    `${fewer} has 2 classes (ant, bee), but ${one} has 7 classes (ant, bee, cat, dog, eel and 2 more).`,
  );
  const turned = await netOf("turned", ["bee", "ant"], OWN_IMAGES);
  expect(await refusal(fewer, turned)).toBe(
    `${fewer} and ${turned} have the same classes in different orders: ant, bee; and bee, ant.`,
  );
});

test("nets of data sets with names are refused with these, and one of own images with its classes", async () => {
  const digits = await netOf("digits", ["0", "1"], "digits");
  const cifar = await netOf("cifar", ["cat", "dog"], "cifar10");
  const own = await netOf("own", ["cat", "fox"], OWN_IMAGES);
  expect(await refusal(digits, cifar)).toBe(
    `${digits} has the classes of digits, but ${cifar} has those of cifar10.`,
  );
  expect(await refusal(cifar, own)).toBe(
    `${cifar} has dog among its classes, but ${own} has fox instead.`,
  );
});
