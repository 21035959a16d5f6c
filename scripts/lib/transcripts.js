import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { Failure, root } from "./run.js";

const DIGITS = "--dataset digits --train-limit 1500 --epochs 2 --lr-drops none --settle-batches 20";

/**
 * Calls whose output docs/usage.md shows, by the name of the command, in an order in which each finds the files of
 * those before it. A call without a name only prepares files.
 */
export const CALLS = [
  { name: "setup", call: "setup" },
  { name: "doctor", call: "doctor" },
  { name: "prune", call: `prune -sr --s 0.001 --arch nin --width 0.25 ${DIGITS}` },
  { name: "normal-regular-prune", call: "normal-regular-prune --normal_regular 8 --percent 0.4" },
  {
    name: "wqaq",
    call: `wqaq --Wbits 4 --Abits 4 --refine models_save/prune/nin_prune.safetensors ${DIGITS}`,
  },
  {
    name: "wbwtab",
    call: `wbwtab --W 3 --A 32 --refine models_save/prune/nin_prune.safetensors ${DIGITS}`,
  },
  { call: `prune -sr --s 0.001 --arch nin_gc --width 0.25 ${DIGITS} --max-steps 30` },
  { name: "gc-prune", call: "gc-prune --target-macs 0.6" },
  { name: "bn-merge", call: "bn-merge --model models_save/wbwtab/nin.safetensors" },
  { name: "bn-merge-test", call: "bn-merge-test" },
  { name: "export", call: "export models_save/wbwtab/nin.safetensors --format packed" },
  { name: "summary", call: "summary models_save/wbwtab/nin.safetensors" },
  { name: "predict", call: "predict models_save/wqaq/nin.safetensors digits:0 digits:1" },
  {
    name: "sensitivity",
    call: "sensitivity models_save/prune/nin_preprune.safetensors --shares 0.3,0.6,0.9 --round-bits 4,2",
  },
  {
    name: "ptq",
    call: "ptq models_save/prune/nin_preprune.safetensors --calibration 64 --test-limit 200",
  },
  {
    name: "allocate",
    call: "allocate models_save/prune/nin_preprune.safetensors --target-accuracy-drop 2 --gradients 32 --images 100",
  },
  {
    name: "compare",
    call: "compare models_save/prune/nin_preprune.safetensors models_save/wqaq/nin.safetensors models_save/wbwtab/nin.safetensors",
  },
  {
    name: "augment",
    call: "augment data --dataset digits --rand-augment 2,9 --cutout 8 --html augmentation.html",
  },
  { name: "convert", call: "convert models_save/wqaq/nin.safetensors nin.pth" },
  { name: "run", call: "run quick-digits --dry-run" },
];

/** Undefined for a user that the system does not know. */
const homeFolder = () => {
  try {
    return homedir();
  } catch {
    return undefined;
  }
};

/** Everything that a call writes to its terminal, in the order in which it does. */
const outputOf = async (call, folder) => {
  const file = join(folder, "output.txt");
  const output = openSync(file, "w");
  const code = await new Promise((resolve, reject) => {
    const command = [join(root, "bin/qprune.js"), ...call.split(" ")];
    const child = spawn(process.execPath, command, {
      cwd: folder,
      stdio: ["ignore", output, output],
    });
    child.on("error", reject);
    child.on("close", resolve);
  });
  closeSync(output);
  const text = readFileSync(file, "utf8");
  if (code !== 0) throw new Failure(`qprune ${call} failed (${code}):\n${text}`);
  const fromFolder = `${relative(folder, root)}/`;
  const shown = text.replaceAll(fromFolder, "").replaceAll(root, "");
  const home = homeFolder();
  return home ? shown.replaceAll(home, "~") : shown;
};

/**
 * Runs the calls in an empty folder and passes on what each printed, after its command line. Paths of this machine are
 * shortened.
 */
export const recordCalls = async (folder, onRecorded) => {
  for (const { name, call } of CALLS) {
    const text = await outputOf(call, folder);
    if (name) onRecorded(name, `$ qprune ${call}\n${text}`);
  }
};

const pathOf = (name) => join(root, "docs/outputs", `${name}.txt`);

/** What the calls printed when they were recorded, by the name of the command. */
export const readTranscripts = () =>
  Object.fromEntries(
    CALLS.filter(({ name }) => name && existsSync(pathOf(name))).map(({ name }) => [
      name,
      readFileSync(pathOf(name), "utf8"),
    ]),
  );

export const writeTranscript = (name, text) => {
  mkdirSync(dirname(pathOf(name)), { recursive: true });
  writeFileSync(pathOf(name), text);
};

/** Results differ slightly between processors, and so does which of these words is printed. */
const VERDICT = /\b(?:not )?significant\b/g;

/** A number decides between "1 channel" and "2 channels". */
const PLURAL = /(?<=[a-z]{2}[^s])s\b/g;

/**
 * The words of an output, each once, in the singular: numbers depend on the machine and on chance, and so does how often
 * a remark about a layer appears.
 */
export const wordsOf = (text) =>
  [
    ...new Set(
      text
        .replace(VERDICT, "significant")
        .replace(PLURAL, "")
        .match(/[A-Za-z]{3,}/g) ?? [],
    ),
  ].sort();
