// Quantizes the weights of one convolution with every quantizer: node examples/quantize-a-tensor.mts
import { tensor4d } from "@tensorflow/tfjs-core";
import {
  loadEngine,
  quantizeBinaryWeights,
  quantizeDoReFaWeights,
  quantizeTernaryWeights,
} from "qprune";

await loadEngine({ engine: "js" });

// Two filters of 1x1 over three channels: [height, width, channels in, channels out].
const weights = tensor4d([0.9, -0.1, -0.4, 0.05, 0.02, -0.8], [1, 1, 3, 2]);
const rows = {
  latent: weights,
  "DoReFa 4 bit": quantizeDoReFaWeights(weights, 4),
  "DoReFa 2 bit": quantizeDoReFaWeights(weights, 2),
  "ternary, with alpha": quantizeTernaryWeights(weights, true),
  "binary, with alpha": quantizeBinaryWeights(weights, true),
};
for (const [name, tensor] of Object.entries(rows)) {
  const values = Array.from(tensor.dataSync(), (value) => value.toFixed(3).padStart(7));
  console.log(`${name.padEnd(20)} ${values.join(" ")}`);
  tensor.dispose();
}
