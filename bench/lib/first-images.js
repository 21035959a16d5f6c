import { createBatchLoader } from "../../dist/data/batches/batch-loader.js";
import { loadDataSet } from "../../dist/data/load-data-set.js";
import { testInput } from "../../dist/data/preparation.js";
import { toImageTensor } from "../../dist/train/image-tensor.js";

/** The first `count` test images of the data set that a checkpoint records, as its net takes them: [count, h, w, 3]. */
export const firstImages = async ({ manifest: { dataSet, spec } }, { directory, count }) => {
  const set = await loadDataSet({
    name: dataSet.name,
    directory,
    testLimit: count,
    parts: "test only",
    net: testInput(dataSet.name, dataSet),
  });
  const options = { images: set.test, info: set.info, batchSize: count };
  const loader = createBatchLoader({ ...options, mode: "evaluate", seed: 1, workers: 0 });
  for await (const batch of loader.epoch(0)) {
    const images = toImageTensor(batch, spec);
    await loader.close();
    return images;
  }
};
