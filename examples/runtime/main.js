import { loadModel } from "qprune/runtime";

const model = await loadModel("/model.safetensors");

document.getElementById("file").addEventListener("change", async ({ target }) => {
  const bitmap = await createImageBitmap(target.files[0]);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const [prediction] = model.predict(context.getImageData(0, 0, bitmap.width, bitmap.height));
  document.getElementById("classes").textContent = JSON.stringify(prediction.top(3), null, 2);
});
