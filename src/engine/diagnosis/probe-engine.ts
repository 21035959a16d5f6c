import { tf } from "../../tensor/tf.js";
import { loadEngine } from "../load-engine.js";
import type { ProbeResult } from "./probe.js";

const checkProduct = (): void => {
  const product = tf.tidy(() =>
    tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync(),
  );
  if (product[0] !== 11) throw new Error(`[1 2]·[3 4] is ${product[0]} instead of 11`);
};

/** Loads the native engine into this process and multiplies two matrices with it; never throws. */
export const probeEngine = async (): Promise<ProbeResult> => {
  try {
    const info = await loadEngine({ engine: "native", notify: () => {} });
    checkProduct();
    if (info.kind !== "native") throw new Error("another engine was loaded");
    const { tensorflowVersion, multipliesBf16 } = info;
    const detail = `TensorFlow ${tensorflowVersion} loads and computes`;
    return { isUsable: true, detail, multipliesBf16 };
  } catch (error) {
    return { isUsable: false, detail: error instanceof Error ? error.message : String(error) };
  }
};
