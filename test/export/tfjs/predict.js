// What a user of an exported model writes: plain TensorFlow.js, in Node and in a page alike.

/**
 * Loads the models below `base` and computes the logits of the images that lie beside each.
 * @param tf TensorFlow.js
 * @param {string} base
 * @param {readonly string[]} names
 */
export const predict = async (tf, base, names) => {
  const results = {};
  for (const name of names) {
    const model = await tf.loadGraphModel(`${base}/${name}/model.json`);
    const [input] = model.inputs;
    const [, height, width, channels] = input.shape;
    const response = await fetch(`${base}/${name}/images.bin`);
    const pixels = new Float32Array(await response.arrayBuffer());
    const count = pixels.length / (height * width * channels);
    const images = tf.tensor4d(pixels, [count, height, width, channels]);
    const logits = model.predict(images);
    results[name] = {
      backend: tf.getBackend(),
      input: input.name,
      output: model.outputs[0].name,
      shape: logits.shape,
      logits: Array.from(await logits.data()),
      metadata: model.metadata,
    };
    tf.dispose([images, logits]);
    model.dispose();
  }
  return results;
};
