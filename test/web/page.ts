import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgl";
import { fromBase64 } from "../../src/base/base64.js";
import { tf } from "../../src/tensor/tf.js";
import { builtLogits, fileLogits, NETS } from "./nets.js";

/** The logits of all nets, for the test that opens the page. */
export const allLogits = async (): Promise<Record<string, number[]>> => {
  await tf.setBackend("cpu");
  const entries = Object.entries(NETS).map(
    async ([name, net]) => [name, await builtLogits(net)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
};

/** The logits of the net of a file, given as base64 text, and the names of its classes; or the error's message. */
export const logitsOfFile = async (text: string, name: string, backend: string) => {
  try {
    await tf.setBackend(backend);
    return await fileLogits(fromBase64(text), name);
  } catch (error) {
    return { message: (error as Error).message };
  }
};
