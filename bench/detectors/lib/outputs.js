// The outputs of a net for squares of normalized pixels, [side, side, 3], in qprune and in onnxruntime.

import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { loadCheckpoint } from "../../../dist/checkpoint/checkpoint.js";
import { runningNet } from "../../../dist/checkpoint/running-net.js";
import { tf } from "../../../dist/tensor/tf.js";

/** A net of qprune's training engine. */
export const ownNet = async (file) => {
  const checkpoint = await loadCheckpoint(file);
  const { spec } = checkpoint.manifest;
  const net = runningNet(spec, checkpoint);
  const { height, width } = spec.input;
  return {
    run: async (pixels) => {
      const images = tf.tensor4d(pixels, [1, height, width, 3]);
      const output = net.infer(images);
      const values = await output.data();
      tf.dispose([images, output]);
      return values;
    },
    close: async () => net.dispose(),
  };
};

/** The values of a square with its channels first. */
const planesOf = (pixels) => {
  const area = pixels.length / 3;
  return Float32Array.from(
    { length: pixels.length },
    (_, at) => pixels[(at % area) * 3 + Math.floor(at / area)],
  );
};

/** The package that the folder MODULES has to contain. */
const RUNTIME = "onnxruntime-node";

/** An ONNX model in the onnxruntime-node of the folder `modules`. */
export const onnxNet = async (modules, file, side) => {
  const require = createRequire(join(resolve(modules), "package.json"));
  const { InferenceSession, Tensor } = require(RUNTIME);
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const [[input], [output]] = [session.inputNames, session.outputNames];
  return {
    run: async (pixels) => {
      const images = new Tensor("float32", planesOf(pixels), [1, 3, side, side]);
      return (await session.run({ [input]: images }))[output].data;
    },
    close: () => session.release(),
  };
};
