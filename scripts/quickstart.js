// npm run quickstart: from a fresh clone to a trained 4-bit net, with nothing installed before.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { prepare, setUpEngine } from "./lib/prepare.js";
import { root, runMain, runNode } from "./lib/run.js";
import { say } from "./lib/say.js";

const FILE = "models_save/wqaq/quickstart_nin_4bit.safetensors";

/** The net and its training, for the native engine and for the slower one. */
const QUANTIZATION = ["--dataset", "digits", "--arch", "nin", "--Wbits", "4", "--Abits", "4"];
/** Batch norm is recalibrated before each test: results of such a short run scatter otherwise. */
const RECALIBRATION = ["--settle-batches", "20"];
const NATIVE = ["--width", "0.5", "--epochs", "3", "--lr-drops", "3"];
const JS = ["--engine", "js", "--width", "0.25", "--epochs", "2", "--lr-drops", "2"];
const JS_LIMITS = ["--train_batch_size", "25", "--train-limit", "1000", "--test-limit", "300"];

const trainingArguments = (hasNativeEngine) => [
  "wqaq",
  ...QUANTIZATION,
  ...RECALIBRATION,
  ...(hasNativeEngine ? NATIVE : [...JS, ...JS_LIMITS, "--log-every", "4"]),
  "--save",
  FILE,
];

const train = async (hasNativeEngine) => {
  const args = trainingArguments(hasNativeEngine);
  const size = hasNativeEngine ? "" : "small ";
  say(`Training a ${size}NIN with 4-bit weights and activations on handwritten digits`);
  process.stderr.write(`    qprune ${args.join(" ")}\n`);
  mkdirSync(join(root, dirname(FILE)), { recursive: true });
  let output = "";
  const onOutput = (text) => {
    output += text;
  };
  const code = await runNode(["bin/qprune.js", ...args], { onOutput });
  const accuracy = [...output.matchAll(/best accuracy:? ([\d.]+)%/gi)].at(-1)?.[1];
  return { code, accuracy };
};

await runMain(async () => {
  say("qprune quickstart: install, build, set up the engine, train");
  await prepare();
  const hasNativeEngine = await setUpEngine();
  if (!hasNativeEngine) {
    say(
      "Without the native engine: the JavaScript engine trains a small net on part of the images (minutes)",
    );
  }
  const { code, accuracy } = await train(hasNativeEngine);
  if (code !== 0) return code;
  say(`Done: ${accuracy ?? "?"}% of the test images are recognized; the net is in ${FILE}`);
  process.stderr.write(`    Test it again: npx qprune wqaq --evaluate --resume ${FILE}\n`);
  return 0;
});
