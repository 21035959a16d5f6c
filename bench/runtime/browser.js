// In a page: milliseconds an image at batch 1, one thread, alternating. The page's folder has runtime.js, the packed nets of
// NETS, and for the peers onnxruntime-web's dist as ort/, @litertjs/core bundled as lit.js with its wasm folder as
// litert-wasm/, and the same net as nin.onnx, nin8.onnx, nin.tflite and nin8.tflite. The result is in globalThis.result.
const NETS = ["nin-bb", "nin-tb", "nin-w2a2", "nin-w4a4", "nin-w8a8"];
const ROUNDS = 8;
const RUNS = 10;

/** The address of a file next to this one. */
const here = (name) => new URL(name, import.meta.url).href;

const pixels = Float32Array.from({ length: 32 * 32 * 3 }, (_, at) => Math.sin(at * 0.37));

const ours = async () => {
  const { loadModel } = await import(here("runtime.js"));
  const runs = {};
  for (const name of NETS) {
    const model = await loadModel(new URL(`${name}.safetensors`, import.meta.url));
    runs[`qprune ${name}`] = () => model.predict(pixels);
    globalThis.kernels = model.info.kernels.instructions;
  }
  return runs;
};

const onnxruntime = async () => {
  const ort = await import(here("ort/ort.wasm.min.mjs"));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("ort/", import.meta.url).href;
  const runs = {};
  for (const name of ["nin", "nin8"]) {
    const session = await ort.InferenceSession.create(`${name}.onnx`, {
      executionProviders: ["wasm"],
    });
    const x = new ort.Tensor("float32", pixels, [1, 3, 32, 32]);
    runs[`onnxruntime-web ${name}`] = () => session.run({ x });
  }
  return runs;
};

const litert = async () => {
  const { loadLiteRt, loadAndCompile, Tensor } = await import(here("lit.js"));
  await loadLiteRt(new URL("litert-wasm/", import.meta.url).href);
  const runs = {};
  for (const name of ["nin", "nin8"]) {
    const model = await loadAndCompile(`${name}.tflite`, { accelerator: "wasm" });
    const x = new Tensor(pixels, [1, 32, 32, 3]);
    runs[`LiteRT.js ${name}`] = async () => {
      for (const output of await model.run([x])) output.delete();
    };
  }
  return runs;
};

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const measure = async () => {
  const found = [];
  for (const make of [ours, onnxruntime, litert])
    found.push(await make().catch((error) => ({ [`${make.name}: ${error.message}`]: null })));
  const runs = Object.assign({}, ...found);
  const times = {};
  for (const run of Object.values(runs)) for (let at = 0; run && at < 3 * RUNS; at++) await run();
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, run] of Object.entries(runs)) {
      if (!run) continue;
      const start = performance.now();
      for (let at = 0; at < RUNS; at++) await run();
      times[name] = [...(times[name] ?? []), (performance.now() - start) / RUNS];
    }
  const failed = Object.entries(runs)
    .filter(([, run]) => !run)
    .map(([name]) => [name, null]);
  return Object.fromEntries([
    ...failed,
    ...Object.entries(times).map(([name, all]) => [
      name,
      { median: median(all), least: Math.min(...all) },
    ]),
  ]);
};

globalThis.result = await measure().catch((error) => ({ error: String(error) }));
