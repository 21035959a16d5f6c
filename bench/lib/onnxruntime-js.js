import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const BATCH = 50;

/** Packages with the interface of onnxruntime. onnxruntime-web runs its WebAssembly, here in Node.js. */
export const ONNXRUNTIME_PACKAGES = ["onnxruntime-node", "onnxruntime-web"];

/** The logits of an ONNX file for images [n, channels, height, width], in a package that is installed in the folder `modules`. */
export const onnxruntimeLogits = async (name, modules, { path, planes, shape, classes }) => {
  const { InferenceSession, Tensor } = createRequire(join(resolve(modules), "package.json"))(name);
  const session = await InferenceSession.create(path, {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const size = shape[1] * shape[2] * shape[3];
  const all = new Float32Array(shape[0] * classes);
  for (let at = 0; at < shape[0]; at += BATCH) {
    const batch = Math.min(BATCH, shape[0] - at);
    const values = planes.slice(at * size, (at + batch) * size);
    const images = new Tensor("float32", values, [batch, ...shape.slice(1)]);
    const { logits } = await session.run({ images });
    all.set(logits.data, at * classes);
  }
  await session.release();
  return all;
};
