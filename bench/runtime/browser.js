// In a page: milliseconds an image at batch 1, alternating; one thread, and with `#threads=2` in the address also that many of
// qprune's. The page's folder has runtime.js and for the peers onnxruntime-web's dist as ort/, @litertjs/core bundled as lit.js with
// its wasm folder as litert-wasm/, and tfjs-core's and tfjs-backend-wasm's minified scripts and .wasm files as tfjs/; the packed nets of
// NETS; and the same nets as files of PEER_NETS. What is missing is left out. `await go()` in the page measures;
// `go("nin")` only what has that in its name.
const NETS = {
  "nin-bb": 32,
  "nin-tb": 32,
  "nin-w2a2": 32,
  "nin-w4a4": 32,
  "nin-w8a8": 32,
  "nin-ptq8": 32,
  "nin-gc-bb": 32,
  "nin-gc-w4a4": 32,
  "nin-gc-w8a8": 32,
  mobilenet_v2: 224,
  "cifar10-resnet20-w8a8": 32,
  "cifar10-resnet20-w4a4": 32,
  "cifar10-resnet20-w2a2": 32,
};
/** Float and int8 of NIN, and int8 of MobileNetV2: NAME.onnx and NAME.tflite. */
const PEER_NETS = { nin: 32, nin8: 32, mv2: 224 };
/** Filters and sides of kernels of NIN, for TensorFlow.js; pools follow the third and the sixth layer. */
const NIN = [
  [192, 5],
  [160, 1],
  [96, 1],
  [192, 5],
  [192, 1],
  [192, 1],
  [192, 3],
  [192, 1],
  [10, 1],
];
const ROUNDS = 8;
const LEAST_MS = 60;
const WARM_UPS = 20;

const threads = Number(new URLSearchParams(location.hash.slice(1)).get("threads") ?? 1);

/** The address of a file next to this one. */
const here = (name) => new URL(name, import.meta.url).href;

const pixelsOf = (side) =>
  Float32Array.from({ length: side * side * 3 }, (_, at) => Math.sin(at * 0.37));

const exists = async (name) => (await fetch(here(name), { method: "HEAD" })).ok;

const ours = async () => {
  const { loadModel } = await import(here("runtime.js"));
  const runs = {};
  for (const [name, side] of Object.entries(NETS)) {
    if (!(await exists(`${name}.safetensors`))) continue;
    const pixels = pixelsOf(side);
    for (const count of threads > 1 ? [1, threads] : [1]) {
      const model = await loadModel(new URL(`${name}.safetensors`, import.meta.url), {
        threads: count,
      });
      const { kernels } = model.info;
      runs[`qprune ${name}, ${kernels.threads} threads`] = () => model.predict(pixels);
      globalThis.kernels = kernels;
    }
  }
  return runs;
};

const onnxruntime = async () => {
  const ort = await import(here("ort/ort.wasm.min.mjs"));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("ort/", import.meta.url).href;
  const runs = {};
  for (const [name, side] of Object.entries(PEER_NETS)) {
    if (!(await exists(`${name}.onnx`))) continue;
    const session = await ort.InferenceSession.create(`${name}.onnx`, {
      executionProviders: ["wasm"],
    });
    const x = new ort.Tensor("float32", pixelsOf(side), [1, 3, side, side]);
    runs[`onnxruntime-web ${name}`] = () => session.run({ [session.inputNames[0]]: x });
  }
  return runs;
};

const litert = async () => {
  const { loadLiteRt, loadAndCompile, Tensor } = await import(here("lit.js"));
  await loadLiteRt(new URL("litert-wasm/", import.meta.url).href, { threads: false });
  const runs = {};
  for (const [name, side] of Object.entries(PEER_NETS)) {
    if (!(await exists(`${name}.tflite`))) continue;
    const model = await loadAndCompile(`${name}.tflite`, { accelerator: "wasm" });
    const x = new Tensor(pixelsOf(side), [1, side, side, 3]);
    runs[`LiteRT.js ${name}`] = async () => {
      for (const output of await model.run([x])) output.delete();
    };
  }
  return runs;
};

const script = (name) =>
  new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = here(name);
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${name} is missing`));
    document.head.append(element);
  });

/** NIN in float with random weights. */
const tfjs = async () => {
  await script("tfjs/tf-core.min.js");
  await script("tfjs/tf-backend-wasm.min.js");
  const { tf } = globalThis;
  tf.wasm.setWasmPaths(here("tfjs/"));
  tf.wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  let channels = 3;
  const layers = NIN.map(([filters, side]) => {
    const kernel = tf.randomNormal([side, side, channels, filters], 0, 0.05);
    channels = filters;
    return { kernel, bias: tf.zeros([filters]) };
  });
  const pixels = pixelsOf(32);
  const compute = () => {
    let x = tf.tensor4d(pixels, [1, 32, 32, 3]);
    for (const [at, { kernel: filter, bias }] of layers.entries()) {
      const options = { filter, strides: 1, pad: "same", bias, activation: "relu" };
      x = tf.fused.conv2d({ x, ...options });
      if (at === 2) x = tf.maxPool(x, 3, 2, "same");
      if (at === 5) x = tf.avgPool(x, 3, 2, "same");
    }
    return tf.mean(x, [1, 2]);
  };
  const run = () => {
    const logits = tf.tidy(compute);
    logits.dataSync();
    logits.dispose();
  };
  return { "TensorFlow.js nin": run };
};

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Milliseconds of a run. */
const timed = async (run) => {
  const start = performance.now();
  let count = 0;
  do {
    await run();
    count++;
  } while (performance.now() - start < LEAST_MS);
  return (performance.now() - start) / count;
};

/** Makes everything ready; the times are taken when globalThis.go is called. */
const prepare = async () => {
  const found = [];
  for (const make of [ours, onnxruntime, litert, tfjs])
    found.push(await make().catch((error) => ({ [`${make.name}: ${error.message}`]: null })));
  const runs = Object.assign({}, ...found);
  for (const run of Object.values(runs)) if (run) await run();
  return runs;
};

const measure = async (runs, pattern) => {
  const chosen = Object.entries(runs).filter(([name, run]) => run && pattern.test(name));
  const times = Object.fromEntries(chosen.map(([name]) => [name, []]));
  for (const [, run] of chosen) for (let at = 0; at < WARM_UPS; at++) await run();
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, run] of chosen) times[name].push(await timed(run));
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [
      name,
      { median: median(all), least: Math.min(...all) },
    ]),
  );
};

const runs = await prepare();
globalThis.missing = Object.keys(runs).filter((name) => !runs[name]);
globalThis.go = (pattern = "") => measure(runs, new RegExp(pattern));
globalThis.isReady = true;
