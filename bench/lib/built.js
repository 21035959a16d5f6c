// The built package, as the benches of the runtime use it.

import { normalizationTable } from "../../dist/data/normalization-table.js";
import { loadEngine } from "../../dist/engine/load-engine.js";
import { tf } from "../../dist/tensor/tf.js";
import { readNet as readPackedNet } from "../../dist/workflows/nets/read-net.js";

export { loadRuntimeAddon } from "../../dist/engine/runtime-addon/runtime-addon.js";
export { loadModel } from "../../dist/runtime.js";

/** The net of a file in the native training engine: images [32, 32, 3] bytes -> logits. */
export const readNet = async (bytes, name) => {
  await loadEngine({ engine: "native", notify: () => {} });
  const { net, dataSet } = readPackedNet(bytes, name);
  const table = normalizationTable(dataSet);
  const infer = async (images) => {
    const { height, width } = net.spec.input;
    const pixels = Float32Array.from(
      { length: images.length * images[0].length },
      (_, at) =>
        table[(at % 3) * 256 + images[Math.floor(at / images[0].length)][at % images[0].length]],
    );
    const input = tf.tensor4d(pixels, [images.length, height, width, 3]);
    const output = net.infer(input);
    const logits = await output.array();
    tf.dispose([input, output]);
    return logits;
  };
  return { infer, dispose: net.dispose };
};
