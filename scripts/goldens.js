// npm run goldens: trains, prunes, merges and exports small nets of every kind and compares the bytes of all files with
// the digests recorded before, so that a change that should change no result can prove it. `-- --record` records them.
// The digests hold on one machine and engine build, so they stay in .cache/, out of the repository.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { prepare, setUpEngine } from "./lib/prepare.js";
import { Failure, root, runMain, runQuietly } from "./lib/run.js";
import { say } from "./lib/say.js";

const FILE = join(root, ".cache", "goldens.json");

const TEST_DATA = "--dataset digits --test-limit 100 --num_workers 1";
const DATA = `${TEST_DATA} --train-limit 1000`;
const TWENTY_STEPS = `${DATA} --epochs 1 --max-steps 20 --width 0.25`;

const NORM_AFTER = {
  float: "prune",
  sparse: "prune -sr --s 0.001",
  dorefa8: "wqaq --Wbits 8 --Abits 8",
  dorefa2: "wqaq --Wbits 2 --Abits 2",
  "ternary-gap": "wbwtab --W 3 --A 32 --gap",
  binary: "wbwtab --W 2 --A 2",
  mix: "wbwtab --W 3 --Abits 4",
};

/** Each architecture's families of quantizers: the command and flags that train them. */
const FAMILIES = {
  nin: NORM_AFTER,
  nin_gc: NORM_AFTER,
  nin_bn_conv: {
    "float-weights": "wbwtab --W 32 --A 2",
    "ternary-gap": "wbwtab --W 3 --A 2 --gap",
    binary: "wbwtab --W 2 --A 2",
  },
};

const models = Object.entries(FAMILIES).flatMap(([arch, families]) =>
  Object.entries(families).map(([family, command]) => ({ arch, family, command })),
);

const trainings = models.map(({ arch, family, command }) => ({
  name: `train ${arch} ${family}`,
  call: `${command} --arch ${arch} ${TWENTY_STEPS} --save ${arch}-${family}.safetensors`,
}));

const merges = models.map(({ arch, family }) => ({
  name: `merge ${arch} ${family}`,
  call: `bn-merge --model ${arch}-${family}.safetensors --save merged-${arch}-${family}.safetensors`,
}));

const exports = [
  ["nin_gc-binary", "packed", "packed-binary.safetensors"],
  ["nin-dorefa2", "packed --edges int8", "packed-dorefa.safetensors"],
  ["nin-ternary-gap", "safetensors", "dense-ternary.safetensors"],
  ["nin_gc-mix", "tfjs", "tfjs-mix"],
  ["nin_bn_conv-binary", "tfjs", "tfjs-binary"],
].map(([model, format, to]) => ({
  name: `export ${model} ${format}`,
  call: `export ${model}.safetensors --format ${format} --save ${to} --no-test`,
}));

/** In an order in which each call finds the files of those before it. */
const CALLS = [
  ...trainings,
  ...merges,
  ...exports,
  {
    name: "plan nin",
    call: `normal-regular-prune --model nin-sparse.safetensors --percent 0.4 --normal_regular 8 --plan plan-nin.json --save pruned-nin.safetensors ${TEST_DATA}`,
  },
  {
    name: "plan nin_gc",
    call: `gc-prune --model nin_gc-sparse.safetensors --target-macs 0.6 --plan plan-nin_gc.json --save pruned-nin_gc.safetensors ${TEST_DATA}`,
  },
  {
    name: "refine pruned",
    call: `wqaq --Wbits 4 --Abits 4 --refine pruned-nin.safetensors ${DATA} --epochs 1 --max-steps 20 --save refined.safetensors`,
  },
  { name: "convert", call: "convert refined.safetensors refined.pth" },
];

const HEADER_LENGTH_BYTES = 8;

/** The bytes that must be equal: of a training state its tensors, since its header has the run's own id and times. */
const reproducibleBytes = (path) => {
  const bytes = readFileSync(path);
  if (!path.endsWith(".state.safetensors")) return bytes;
  return bytes.subarray(HEADER_LENGTH_BYTES + Number(bytes.readBigUInt64LE()));
};

/** Digests of all files below a folder except histories, which record when and how a file was made. */
const digestsIn = (folder) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(safetensors|pth|json|bin)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.endsWith(".history.json"))
      .sort()
      .map((path) => [
        path.slice(folder.length + 1),
        createHash("sha256").update(reproducibleBytes(path)).digest("hex").slice(0, 16),
      ]),
  );

/** Everything that the digests depend on besides the code. */
const machine = () => `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}`;

const makeDigests = async () => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-goldens-"));
  try {
    for (const { name, call } of CALLS) {
      say(name);
      const command = [join(root, "bin/qprune.js"), ...call.split(" ")];
      const { code, output } = await runQuietly(process.execPath, command, folder);
      if (code !== 0) throw new Failure(`qprune ${call} failed (${code}):\n${output}`);
    }
    return digestsIn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const record = (digests) => {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ machine: machine(), digests }, null, 2)}\n`);
  say(`Recorded ${Object.keys(digests).length} digests in ${FILE}`);
  return 0;
};

const compare = (digests) => {
  const recorded = JSON.parse(readFileSync(FILE, "utf8"));
  if (recorded.machine !== machine()) {
    throw new Failure(
      `The digests were recorded on another machine (${recorded.machine}). Check out the commit to compare with and run: npm run goldens -- --record`,
    );
  }
  const names = [...new Set([...Object.keys(recorded.digests), ...Object.keys(digests)])];
  const changed = names.filter((name) => recorded.digests[name] !== digests[name]);
  for (const name of changed) console.log(`differs: ${name}`);
  console.log(`${names.length - changed.length} of ${names.length} files are equal`);
  return changed.length === 0 ? 0 : 1;
};

await runMain(async () => {
  const isRecording = process.argv.includes("--record");
  if (!isRecording && !existsSync(FILE)) {
    throw new Failure("No digests are recorded yet. Run: npm run goldens -- --record");
  }
  await prepare();
  await setUpEngine();
  const digests = await makeDigests();
  return isRecording ? record(digests) : compare(digests);
});
