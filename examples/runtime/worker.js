// In the page: const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
// worker.postMessage(imageData); worker.onmessage = ({ data }) => console.log(data);
import { loadModel } from "qprune/runtime";

const loading = loadModel("/model.safetensors");

self.addEventListener("message", async ({ data: image }) => {
  const [prediction] = (await loading).predict(image);
  self.postMessage(prediction.top(3));
});
