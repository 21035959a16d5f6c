import { PACKING_KEY } from "../../checkpoint/packed/packing.js";
import { readMetadata } from "../../formats/safetensors/read-safetensors.js";
import { netFileOf } from "../../workflows/nets/shipped-net.js";
import { predictCommand } from "../commands/predict.js";
import { main } from "../main.js";

/** Flags after which another engine may compute. */
const OTHER_ENGINES = /^--(?:engine|arch|key)\b/;

const isPacked = async (name: string): Promise<boolean> => {
  try {
    return PACKING_KEY in (await readMetadata(await netFileOf(name)));
  } catch {
    // The whole program reports what is wrong.
    return false;
  }
};

/**
 * Runs `predict` with a packed net. The build bundles this file and all that it needs (scripts/lib/bundle-runtime.js), so that
 * Node.js loads one file in place of hundreds. Returns false, and does nothing, if the call may need the rest of the program.
 */
export const predictQuickly = async (argv: readonly string[]): Promise<boolean> => {
  const [, file] = argv;
  if (file === undefined || argv.some((each) => OTHER_ENGINES.test(each))) return false;
  if (!(await isPacked(file))) return false;
  await main(argv, [predictCommand]);
  return true;
};
