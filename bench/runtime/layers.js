// The layers of packed nets on one thread, with what follows them: milliseconds, and billions of products per second.
//
// node bench/runtime/layers.js FILE...: in WebAssembly and with the native kernels (set QPRUNE_THREADS to 1). Node.js 20 has no
// relaxed SIMD; run it with a newer version, too.
import { loadRuntimeAddon } from "../../dist/engine/runtime-addon/runtime-addon.js";
import { readSafetensors } from "../../dist/formats/safetensors/read-safetensors.js";
import { kernelEngine } from "../../dist/runtime/kernels/kernel-engine.js";
import { nativeKernels } from "../../dist/runtime/native/native-kernels.js";
import { compilePlan } from "../../dist/runtime/plan/compile.js";
import { readPacked } from "../../dist/runtime/reading/read-packed.js";
import { wasmKernels } from "../../dist/runtime/wasm/modules.js";

const ROUNDS = Number(process.env.ROUNDS ?? 300);

const productsOf = ({ shape }) =>
  (shape.outHeight *
    shape.outWidth *
    shape.filters *
    shape.kernel[0] *
    shape.kernel[1] *
    shape.channels) /
  shape.groups;

const nameOf = ({ shape: { kernel, channels, filters, groups, outHeight, outWidth } }) =>
  `${kernel.join("x")}, ${channels} to ${filters} channels${groups > 1 ? `, ${groups} groups` : ""}, ${outHeight}x${outWidth}`;

/** The least milliseconds of every step. */
const timesOf = (plan, engine) => {
  engine.input.set(Float32Array.from(engine.input, (_, at) => Math.sin(at * 0.37)));
  const least = plan.steps.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    let start = performance.now();
    engine.trace((step) => {
      const now = performance.now();
      least[step] = Math.min(least[step], now - start);
      start = performance.now();
    });
  }
  engine.dispose();
  return least;
};

const measure = async (file) => {
  const net = readPacked(await readSafetensors(file), file);
  const plan = compilePlan(net.model);
  const addon = loadRuntimeAddon();
  const targets = [await wasmKernels(), ...(addon ? [nativeKernels(addon)] : [])];
  for (const target of targets) {
    const engine = await kernelEngine(plan, target);
    console.log(`${file}: ${engine.instructions}`);
    const times = timesOf(plan, engine);
    for (const [at, step] of plan.steps.entries()) {
      const name = step.kind === "conv" ? `${nameOf(step)}, ${step.weights.kind}` : step.kind;
      const speed =
        step.kind === "conv" ? ` ${(productsOf(step) / times[at] / 1e6).toFixed(1)} G/s` : "";
      console.log(`  ${name}: ${times[at].toFixed(4)} ms${speed}`);
    }
  }
};

for (const file of process.argv.slice(2)) await measure(file);
