// Milliseconds an image at batch 1 in Node.js, with the kernels in WebAssembly (one thread) and the native ones
// (QPRUNE_THREADS of them), alternating: node bench/runtime/node.js FILE...
import { readFileSync } from "node:fs";
import { loadModel, loadRuntimeAddon } from "../lib/built.js";

const ROUNDS = 12;
const LEAST_MS = 60;

const timed = (run) => {
  const start = performance.now();
  let count = 0;
  do {
    run();
    count++;
  } while (performance.now() - start < LEAST_MS);
  return (performance.now() - start) / count;
};

for (const file of process.argv.slice(2)) {
  const bytes = new Uint8Array(readFileSync(file));
  const start = performance.now();
  const models = { wasm: await loadModel(bytes) };
  const loadMs = performance.now() - start;
  const addon = loadRuntimeAddon();
  if (addon) models.native = await loadModel(bytes, { addon });
  const { height, width, channels } = models.wasm.info.input;
  const pixels = Float32Array.from({ length: height * width * channels }, (_, at) =>
    Math.sin(at * 0.37),
  );
  const macs = models.wasm.info.layers.reduce((sum, layer) => sum + layer.macs, 0);
  const times = Object.fromEntries(Object.keys(models).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, model] of Object.entries(models))
      times[name].push(timed(() => model.predict(pixels)));
  for (const [name, all] of Object.entries(times)) {
    const sorted = all.toSorted((a, b) => a - b);
    const [least, median] = [sorted[0], sorted[Math.floor(sorted.length / 2)]];
    const { kernels, memoryBytes, arenaBytes } = models[name].info;
    console.log(
      `${file} ${name}: median ${median.toFixed(2)} ms, least ${least.toFixed(2)} ms, ${(macs / least / 1e6).toFixed(0)} billion products/s; memory ${(memoryBytes / 1e6).toFixed(2)} MB, of it values ${(arenaBytes / 1e6).toFixed(3)} MB; loaded in ${loadMs.toFixed(0)} ms; ${kernels.instructions}`,
    );
  }
  for (const model of Object.values(models)) model.dispose();
}
