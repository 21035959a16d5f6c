// Packed nets in Node.js, images one at a time.
//
// node bench/runtime/node.js FILE...: milliseconds an image in WebAssembly with one thread and with two, and with the native kernels
// (QPRUNE_THREADS of them), alternating.
// node bench/runtime/node.js --start wasm|native FILE: milliseconds from the call to the end of the first prediction, without
// Node.js's own start, and the peak of the process's memory.
import { readFileSync } from "node:fs";
import { loadRuntimeAddon } from "../../dist/engine/runtime-addon/runtime-addon.js";
import { loadModel } from "../../dist/runtime.js";

const ROUNDS = Number(process.env.ROUNDS ?? 12);
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

const pixelsOf = ({ info: { input } }) =>
  Float32Array.from({ length: input.height * input.width * input.channels }, (_, at) =>
    Math.sin(at * 0.37),
  );

const measure = async (file) => {
  const bytes = new Uint8Array(readFileSync(file));
  const models = {
    wasm: await loadModel(bytes),
    "wasm, 2 threads": await loadModel(bytes, { threads: 2 }),
  };
  const addon = loadRuntimeAddon();
  if (addon) models[`native, ${addon.threads} threads`] = await loadModel(bytes, { addon });
  const pixels = pixelsOf(models.wasm);
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
      `${file} (${bytes.length} bytes) ${name}: median ${median.toFixed(3)} ms, least ${least.toFixed(3)} ms, ${(1000 / least).toFixed(0)} images/s, ${(macs / least / 1e6).toFixed(0)} billion products/s; memory ${(memoryBytes / 1e6).toFixed(2)} MB, of it values ${(arenaBytes / 1e6).toFixed(3)} MB; ${kernels.instructions}`,
    );
  }
  for (const model of Object.values(models)) model.dispose();
};

const measureStart = async (kind, file) => {
  const start = performance.now();
  const addon = kind === "native" ? loadRuntimeAddon() : null;
  const model = await loadModel(file, { addon });
  model.predict(pixelsOf(model));
  const milliseconds = performance.now() - start;
  const { maxRSS } = process.resourceUsage();
  console.log(
    `${file} ${kind}: ${milliseconds.toFixed(0)} ms to the first prediction, at most ${(maxRSS / 1024).toFixed(0)} MB`,
  );
};

const [first, ...others] = process.argv.slice(2);
if (first === "--start") await measureStart(...others);
else for (const file of [first, ...others]) await measure(file);
