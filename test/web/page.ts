import "@tensorflow/tfjs-backend-cpu";
import { logitsOf, QUANTIZATIONS } from "./nets.js";

/** Told to the test that opens the page. */
export const allLogits = async (): Promise<Record<string, number[]>> => {
  const entries = Object.entries(QUANTIZATIONS).map(
    async ([name, quantization]) => [name, await logitsOf(quantization)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
};
