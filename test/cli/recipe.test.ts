import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomUnit } from "../../src/base/random.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-recipe-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const project = fileURLToPath(new URL("../../", import.meta.url));
const quick = join(project, "examples", "recipes", "quick-digits.yml");
const STAGES = ["sparse", "pruned", "refined", "quantized", "merged", "packed", "compared"];
/** Seconds for all stages together. */
const SHORT = [
  "train-limit=250",
  "test-limit=100",
  "epochs=2",
  "num_workers=0",
  "save-every=2",
  "log-every=1",
].flatMap((set) => ["--set", set]);

const run = (name: string, ...flags: string[]) =>
  qprune(["run", quick, ...SHORT, "--folder", at(name), "--json", ...flags]);

interface Row {
  readonly name: string;
  readonly kept: boolean;
  readonly [key: string]: unknown;
}
const rowsOf = ({ events }: Awaited<ReturnType<typeof run>>) =>
  events.at(-1)?.stages as readonly Row[];
const ranOf = (result: Awaited<ReturnType<typeof run>>) =>
  rowsOf(result)
    .filter(({ kept }) => !kept)
    .map(({ name }) => name);

const digestOf = (path: string): string =>
  createHash("sha256").update(readFileSync(path)).digest("hex");

/** Digests of every net in a folder, by name; training states name their run and are left out. */
const netsIn = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(at(name))
      .filter((file) => file.endsWith(".safetensors") && !file.includes(".state."))
      .sort()
      .map((file) => [file, digestOf(join(at(name), file))]),
  );

describe("the quick recipe", () => {
  let first: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    first = await run("whole");
  });

  test("finishes and reports every stage", () => {
    expect(first.stderr).not.toContain("error:");
    expect(first.code).toBe(0);
    expect(ranOf(first)).toEqual(STAGES);
    for (const row of rowsOf(first)) {
      expect(existsSync(String(row.file)), row.name).toBe(true);
      if (row.kind === "compare") expect(row.accuracy).toBeNull();
      else expect(row.accuracy, row.name).toBeGreaterThan(0);
      expect(row.seconds, row.name).toBeGreaterThan(0);
    }
    const amounts = (key: string) => rowsOf(first).map((row) => Number(row[key]));
    const [whole = 0, pruned = 0] = amounts("macs");
    expect(pruned).toBeLessThan(whole);
    const packed = amounts("packedBytes");
    expect(packed[STAGES.indexOf("packed")]).toBeLessThan((packed[0] ?? 0) / 4);
    const saved = JSON.parse(readFileSync(join(at("whole"), "report.json"), "utf8"));
    expect(saved).toEqual(first.events.at(-1));
  });

  test("compares its nets on a page, with the commands that made them", () => {
    const html = readFileSync(join(at("whole"), "compared.html"), "utf8");
    // Where a line may end inside a path, nothing is shown.
    const page = html.replaceAll("<wbr>", "");
    for (const name of STAGES.slice(2, 6)) expect(page).toContain(`${name}.safetensors`);
    const { nets } = JSON.parse(readFileSync(join(at("whole"), "compared.json"), "utf8"));
    const kinds = nets.map((net: { history: { kind: string } }) => net.history.kind);
    expect(kinds.slice(0, 3)).toEqual(["found", "found", "found"]);
  });

  test("changes nothing when it runs again", async () => {
    const before = netsIn("whole");
    const again = await run("whole");
    expect(ranOf(again)).toEqual([]);
    expect(rowsOf(again).map(({ accuracy }) => accuracy)).toEqual(
      rowsOf(first).map(({ accuracy }) => accuracy),
    );
    expect(netsIn("whole")).toEqual(before);
    const plan = await run("whole", "--dry-run");
    const actions = rowsOf(plan).map(({ action }) => action);
    expect(actions).toEqual(STAGES.map(() => "keep"));
  });

  test("runs only the changed stage and those after it, also when the change is reverted", async () => {
    const before = netsIn("whole");
    const change = ["--set", "quantized.Wbits=2"];
    const plan = await run("whole", ...change, "--dry-run");
    const planned = rowsOf(plan).map(({ action, why }) => [action, why]);
    expect(planned.slice(3)).toEqual([
      ["run", "Wbits 4 -> 2"],
      ["wait", "only if the output of quantized changes"],
      ["wait", "only if the output of merged changes"],
      ["wait", "only if the output of quantized or merged or packed changes"],
    ]);
    expect(netsIn("whole")).toEqual(before);
    expect(ranOf(await run("whole", ...change))).toEqual(STAGES.slice(3));
    expect(ranOf(await run("whole"))).toEqual(STAGES.slice(3));
    expect(netsIn("whole")).toEqual(before);
  });

  test("runs a stage again if its file is changed or missing, and keeps later stages if the output is the same", async () => {
    const before = netsIn("whole");
    rmSync(join(at("whole"), "refined.safetensors"));
    appendFileSync(join(at("whole"), "packed.safetensors"), "x");
    expect(ranOf(await run("whole"))).toEqual(["refined", "packed"]);
    expect(netsIn("whole")).toEqual(before);
  });

  test("keeps all stages when the folder is moved", async () => {
    cpSync(at("whole"), at("moved"), { recursive: true });
    expect(ranOf(await run("moved"))).toEqual([]);
  });

  test("prints a table without --json", async () => {
    const plain = await qprune(["run", quick, ...SHORT, "--folder", at("whole")]);
    expect(plain.stdout).toMatch(/^stage +accuracy +params +MACs +packed B +seconds$/m);
    expect(plain.stdout).toMatch(/^packed +\d+\.\d+% .* kept$/m);
    expect(plain.stderr).toContain("[6/7] packed is kept: done and unchanged");
  });
});

const bin = join(project, "bin", "qprune.js");

/** Starts a run as a process and ends it by a signal once so many lines of progress were shown. */
const endAfter = (name: string, lines: number, signal: "SIGKILL" | "SIGTERM" | "SIGINT") => {
  const argv = [bin, "run", quick, ...SHORT, "--folder", at(name)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "pipe"] });
  let shown = "";
  let isEnded = false;
  return new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      shown += chunk.toString();
      // A second signal would end the process at once.
      if (isEnded || shown.split("\n").length <= lines) return;
      isEnded = true;
      child.kill(signal);
    });
    child.on("close", (code) => resolve({ code, stderr: shown }));
  });
};

describe("an interrupted run", () => {
  beforeAll(async () => {
    expect((await run("unbroken")).code).toBe(0);
  });

  test("ends with bit-identical nets after it was killed three times at random moments", async () => {
    const seed = Number(process.env.QPRUNE_TEST_SEED ?? 1);
    for (const kill of [1, 2, 3]) {
      // A whole run shows some 50 lines: the steps of three trainings, and what comes between them.
      await endAfter("killed", 1 + Math.floor(16 * randomUnit(seed, kill)), "SIGKILL");
    }
    const last = await run("killed");
    expect(last.code).toBe(0);
    expect(netsIn("killed")).toEqual(netsIn("unbroken"));
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)(
    "saves the state of its stage on %s, exits with %i, and resumes in the next run",
    async (signal, code) => {
      const stopped = await endAfter(signal, 3, signal);
      expect(stopped.code).toBe(code);
      expect(stopped.stderr).toContain(
        `Stopped in sparse. Resume with: qprune run ${[quick, ...SHORT].join(" ")} --folder ${at(signal)}\n`,
      );
      // Only the recipe prints how to resume, not the stage.
      expect(stopped.stderr.match(/[Rr]esume with/g)).toHaveLength(1);
      expect(stopped.stderr).toMatch(/Interrupted\. .* is in .*sparse\.safetensors\.\n/);
      expect(existsSync(join(at(signal), "recipe-state.json.lock"))).toBe(false);
      const plan = await run(signal, "--dry-run");
      expect(rowsOf(plan)[0]).toMatchObject({
        action: "resume",
        why: "was stopped",
      });
      const rest = await run(signal);
      expect(rest.stderr).toContain("--resume auto");
      expect(netsIn(signal)).toEqual(netsIn("unbroken"));
    },
  );
});

test("interrupted training starts from scratch if its options changed", async () => {
  const other = ["--set", "sparse.s=0.01"];
  await endAfter("changed", 3, "SIGKILL");
  const changed = await run("changed", ...other);
  expect(changed.stderr).not.toContain("--resume auto");
  await run("fresh", ...other);
  expect(netsIn("changed")).toEqual(netsIn("fresh"));
});

test("a second run is refused while another one writes to the same folder", async () => {
  const argv = [bin, "run", quick, ...SHORT, "--folder", at("locked")];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise((resolve) => child.stderr.once("data", resolve));
  child.kill("SIGSTOP");
  const second = await run("locked");
  const closed = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGKILL");
  await closed;
  expect(second.code).toBe(2);
  expect(second.stderr).toMatch(/Another recipe run \(process \d+\) is writing to/);
});

describe("an invalid recipe runs nothing:", () => {
  const refused = async (name: string, text: string, ...flags: string[]) => {
    writeFileSync(at(`${name}.yml`), text);
    const result = await qprune(["run", at(`${name}.yml`), "--folder", at(name), ...flags]);
    expect(result.code).toBe(2);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain("hint:");
    return result.stderr;
  };

  test.each([
    [
      "cycle",
      "stages: {a: {kind: refine, refine: b}, b: {kind: refine, refine: a}}",
      /cycle\.yml:1:66: the stages depend on each other/,
    ],
    ["stage", "stages:\n  a: {kind: refine, refine: b}\n", /stage\.yml:2:29: there is no stage b/],
    [
      "missing",
      "stages:\n  a: {kind: refine, refine: ./b}\n",
      /missing\.yml:2:29: there is no file \.\/b/,
    ],
    [
      "data",
      "stages:\n  a: {kind: train, data: nowhere}\n",
      /data\.yml:2:26: No CIFAR-10 data in nowhere/,
    ],
    [
      "list",
      "stages:\n  a: {kind: train, dataset: digits}\n  b: {kind: compare, files: [a, c]}\n",
      /list\.yml:3:33: there is no stage c/,
    ],
  ])("%s", async (name, text, message) => {
    expect(await refused(name, text)).toMatch(message);
    expect(existsSync(at(name))).toBe(false);
  });

  test("an export that would replace a file that is not the recipe's", async () => {
    const text = "stages:\n  a: {kind: train, dataset: digits}\n  b: {kind: export, file: a}\n";
    mkdirSync(at("foreign"));
    writeFileSync(join(at("foreign"), "b.safetensors"), "precious");
    expect(await refused("foreign", text)).toMatch(/3:3: .*b\.safetensors already exists/);
    expect(readdirSync(at("foreign"))).toEqual(["b.safetensors"]);
  });

  test.each([
    ["damaged", '{"format":"qprune-recipe-state"}', /recipe-state\.json is damaged \(version: /],
    ["not JSON", "x", /recipe-state\.json is not valid JSON/],
  ])("a state that is %s", async (name, text, message) => {
    mkdirSync(at(name));
    writeFileSync(join(at(name), "recipe-state.json"), text);
    const result = await run(name);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toContain("hint:");
  });

  test("a recipe that is missing, a folder or too large", async () => {
    expect((await qprune(["run", folder])).stderr).toMatch(/is not a file/);
    const gone = await qprune(["run", at("no.yml")]);
    expect(gone.stderr).toMatch(/there is no such file/);
    expect(gone.stderr).toMatch(/The built-in recipes are .*quick-digits/);
    const elsewhere = await qprune(["run", at("recipes/quick-digits.yml")]);
    expect(elsewhere.stderr).toContain(
      "hint: For the built-in recipe of that name: qprune run quick-digits",
    );
    const builtIn = await qprune(["run", "quick-digits", "--folder", at("shipped"), "--dry-run"]);
    expect(builtIn.code).toBe(0);
    expect(builtIn.stdout).toMatch(/quick-digits\.yml: 7 stages/);
    const long = await qprune(["run", `${"x".repeat(256)}.yml`]);
    expect(long.stderr).toMatch(/recipe x+… \(260 characters\): expected a shorter name/);
    const beyond = await qprune(["run", quick, "--folder", "x".repeat(256), "--dry-run"]);
    expect(beyond.stderr).toMatch(/--folder x+… \(256 characters\): expected a shorter name/);
    writeFileSync(at("huge.yml"), "#".repeat(2 ** 16 + 1));
    const huge = await qprune(["run", at("huge.yml")]);
    expect(huge.stderr).toMatch(/has 65537 bytes; a recipe has at most 65536/);
    expect(huge.code).toBe(2);
  });
});

test("a failed stage is named with its location, and finished stages are kept", async () => {
  const text = [
    "defaults: {dataset: digits, train-limit: 100, test-limit: 50, epochs: 1, num_workers: 0}",
    "stages:",
    "  a: {kind: train, arch: nin, width: 0.125}",
    "  b: {kind: prune, model: a, layers: 3}",
  ];
  writeFileSync(at("fails.yml"), text.join("\n"));
  const argv = ["run", at("fails.yml"), "--folder", at("fails")];
  const failed = await qprune(argv);
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toMatch(/fails\.yml:4:3: b: .*layers/);
  expect(failed.stderr.split("error:")[1]).not.toContain("--");
  expect((await qprune(argv)).stderr).toContain("[1/2] a is kept: done and unchanged");
});
