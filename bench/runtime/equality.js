// Classifies the 10,000 test images of CIFAR-10 with packed nets in the training engine and in the runtime, and counts the
// images with different classes: node bench/runtime/equality.js DATA FILE... (DATA has CIFAR-10's test_batch.bin)
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadModel, loadRuntimeAddon, readNet } from "../lib/built.js";

const [data, ...files] = process.argv.slice(2);
const RECORD = 3073;
const CHANNEL = 1024;
const BATCH = 100;

const records = readFileSync(join(data, "test_batch.bin"));
const count = Math.min(
  records.length / RECORD,
  Number(process.env.LIMIT ?? Number.POSITIVE_INFINITY),
);

/** Image `index` as bytes [32, 32, 3]. */
const pixelsOf = (index) => {
  const from = index * RECORD + 1;
  return Uint8Array.from(
    { length: 3 * CHANNEL },
    (_, at) => records[from + (at % 3) * CHANNEL + Math.floor(at / 3)],
  );
};

const argmax = (values) =>
  values.reduce((best, value, at) => (value > values[best] ? at : best), 0);

for (const file of files) {
  const bytes = new Uint8Array(readFileSync(file));
  const { infer, dispose } = await readNet(bytes, file);
  const models = {
    wasm: await loadModel(bytes),
    native: await loadModel(bytes, { addon: loadRuntimeAddon() }),
  };
  const different = { wasm: 0, native: 0 };
  let largest = 0;
  for (let from = 0; from < count; from += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) =>
      pixelsOf(from + at),
    );
    const expected = await infer(some);
    for (const [name, model] of Object.entries(models))
      for (const [at, pixels] of some.entries()) {
        const [{ logits }] = model.predict(pixels);
        if (argmax(logits) !== argmax(expected[at])) different[name]++;
        logits.forEach((logit, index) => {
          largest = Math.max(largest, Math.abs(logit - expected[at][index]));
        });
      }
  }
  console.log(
    `${file}: ${count} images; other class than in the engine: wasm ${different.wasm}, native ${different.native} (${models.native.info.kernels.instructions}); largest difference of a logit ${largest.toExponential(1)}`,
  );
  for (const model of Object.values(models)) model.dispose();
  dispose();
}
