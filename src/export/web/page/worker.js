// Loads the net and classifies pictures in a thread of its own, so that the page stays responsive.
import { loadModel } from "./runtime.js";

/** The longest side of a picture that is read; larger ones are scaled down first. */
const MOST_SIDE = 2048;

const loading = loadModel(new URL("model.safetensors", import.meta.url));

/** The pixels of a picture. */
const pixelsOf = (bitmap) => {
  const scale = Math.min(1, MOST_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  );
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
};

const classify = async (bitmap) => {
  const model = await loading;
  const pixels = pixelsOf(bitmap);
  const start = performance.now();
  const [prediction] = model.predict(pixels);
  return { top: prediction.top(5), milliseconds: performance.now() - start };
};

self.addEventListener("message", async ({ data: { id, bitmap } }) => {
  try {
    self.postMessage({ id, ...(await classify(bitmap)) });
  } catch (error) {
    self.postMessage({ id, problem: error.message });
  }
});

try {
  const { info } = await loading;
  self.postMessage({ info });
} catch (error) {
  self.postMessage({ problem: error.message });
}
