// Trains sparsely, prunes, refines, quantizes, merges, exports and compares a net: node examples/compress-nin.mts FOLDER
import { compareModels, exportModel, mergeModel, pruneModel, trainModel } from "qprune";

const folder = process.argv[2] ?? ".";
const at = (name: string) => `${folder}/${name}.safetensors`;
const data = { dataset: "digits", trainLimit: 2000, testLimit: 500, lrDrops: [] } as const;
const nin = { ...data, arch: "nin", width: 0.25, epochs: 2, settleBatches: 20 } as const;

await trainModel({ ...nin, sparsityRegularization: true, s: 0.001, save: at("sparse") });
await pruneModel({ model: at("sparse"), percent: 0.4, normalRegular: 4, save: at("pruned") });
await trainModel({ ...data, refine: at("pruned"), epochs: 1, save: at("refined") });
await trainModel({ ...data, refine: at("refined"), Wbits: 4, Abits: 4, epochs: 1, save: at("w4") });
await mergeModel({ model: at("w4"), save: at("merged"), saveBefore: at("before") });
await exportModel({ file: at("merged"), format: "packed", save: at("small"), force: true });
const { comparison } = await compareModels({ files: [at("sparse"), at("small")], testLimit: 500 });
for (const { file, fileBytes, test } of comparison.nets)
  console.log(file, fileBytes, test?.accuracy);
