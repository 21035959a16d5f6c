import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Prediction } from "./agreement.js";
import { type ServedModel, serveModels } from "./serve.js";

const script = fileURLToPath(new URL("predict-in-node.js", import.meta.url));
const MAX_OUTPUT_BYTES = 2 ** 26;

/** Runs plain TensorFlow.js in a separate process, because its engine is shared within a process. */
export const runInNode = async (models: readonly ServedModel[]): Promise<Prediction[]> => {
  const served = await serveModels(models);
  const names = models.map(({ name }) => name);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script, served.url, ...names], {
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    const results = JSON.parse(stdout) as Record<string, Prediction>;
    return names.map((name) => results[name] as Prediction);
  } finally {
    await served.close();
  }
};
