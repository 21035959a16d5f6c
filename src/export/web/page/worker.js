// Loads the net and classifies pictures in a thread of its own, so that the page stays responsive.
import { loadModel } from "./runtime.js";

/** The longest side of a picture that is read; larger ones are scaled down first. */
const MOST_SIDE = 2048;

const loading = loadModel(new URL("model.safetensors", import.meta.url), { threads: "auto" });

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

/** A box in shares of the picture, all of which the net sees. */
const objectOf = ({ left, top, width, height, label, score }, { input, classes }) => ({
  class: classes[label] ?? String(label),
  label,
  score,
  left: left / input.width,
  top: top / input.height,
  width: width / input.width,
  height: height / input.height,
});

const classify = async (bitmap) => {
  const model = await loading;
  const pixels = pixelsOf(bitmap);
  const start = performance.now();
  const [prediction] = model.predict(pixels);
  const milliseconds = performance.now() - start;
  return prediction.boxes
    ? { objects: prediction.boxes.map((box) => objectOf(box, model.info)), milliseconds }
    : { top: prediction.top(5), milliseconds };
};

self.addEventListener("message", async ({ data: { id, bitmap } }) => {
  try {
    self.postMessage({ id, ...(await classify(bitmap)) });
  } catch (error) {
    self.postMessage({ id, problem: error.message });
  }
});

try {
  const { info, predict } = await loading;
  const { height, width, channels } = info.input;
  const [prediction] = predict(new Uint8Array(height * width * channels));
  self.postMessage({ info, isDetector: prediction.boxes !== undefined });
} catch (error) {
  self.postMessage({ problem: error.message });
}
