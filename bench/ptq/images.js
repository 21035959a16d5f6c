// node bench/ptq/images.js NET DATA FOLDER: writes the images of CIFAR-10 as the net of a file takes them, for bench/ptq/peers.py:
// 512 training images (those that `qprune ptq` calibrates with) and the first 2,000 test images, as float32
// [n, channels, height, width], with their labels.

import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadCheckpoint } from "../../dist/checkpoint/checkpoint.js";
import { createBatchLoader } from "../../dist/data/batches/batch-loader.js";
import { loadDataSet } from "../../dist/data/load-data-set.js";
import { testInput } from "../../dist/data/preparation.js";
import { subset } from "../../dist/data/subset.js";
import { storedDataSetInfo } from "../../dist/workflows/nets/stored-spec.js";

const CALIBRATION = 512;
const TEST = 2000;
const BATCH = 50;
const [file, directory, folder] = process.argv.slice(2);

const net = storedDataSetInfo(await loadCheckpoint(file));
const { info, train, test } = await loadDataSet({
  name: "cifar10",
  directory,
  testLimit: TEST,
  parts: "train and test",
  net: testInput("cifar10", net),
});
const spaced = Uint32Array.from({ length: CALIBRATION }, (_, index) =>
  Math.floor((index * train.count) / CALIBRATION),
);
mkdirSync(folder, { recursive: true });

/** [n, h, w, c] as [n, c, h, w]. */
const channelsFirst = (images, count) => {
  const { height, width, channels } = info;
  const area = height * width;
  const result = new Float32Array(images.length);
  for (let image = 0; image < count; image++)
    for (let pixel = 0; pixel < area; pixel++)
      for (let channel = 0; channel < channels; channel++)
        result[(image * channels + channel) * area + pixel] =
          images[(image * area + pixel) * channels + channel];
  return result;
};

for (const [name, images] of [
  ["calibration", subset(train, spaced)],
  ["test", test],
]) {
  const out = createWriteStream(join(folder, `${name}.bin`));
  const options = { images, info, batchSize: BATCH, mode: "evaluate", seed: 1, workers: 0 };
  const loader = createBatchLoader(options);
  for await (const batch of loader.epoch(0)) {
    const bytes = channelsFirst(batch.images, batch.count);
    if (!out.write(Buffer.from(bytes.buffer))) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
  await loader.close();
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({
      shape: [images.count, info.channels, info.height, info.width],
      labels: [...images.labels],
    }),
  );
}
