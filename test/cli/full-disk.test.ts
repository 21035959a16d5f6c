import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";

const bin = fileURLToPath(new URL("../../bin/qprune.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-full-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A device that takes nothing: each write fails as on a full disk. */
const FULL = "/dev/full";
const hasFull = existsSync(FULL) && statSync(FULL).isCharacterDevice();

const TINY = [
  ...["wqaq", "--dataset", "digits", "--arch", "nin", "--width", "0.1", "--engine", "js"],
  ...["--epochs", "1", "--lr-drops", "none", "--train-limit", "20", "--test-limit", "20"],
  ...["--num_workers", "0"],
];

const run = (argv: readonly string[], full: "stdout" | "stderr" | "both") => {
  const device = openSync(FULL, "w");
  const stdout = full === "stderr" ? "pipe" : device;
  const stderr = full === "stdout" ? "pipe" : device;
  try {
    return spawnSync(process.execPath, [bin, ...argv], {
      cwd: folder,
      stdio: ["ignore", stdout, stderr],
      encoding: "utf8",
    });
  } finally {
    closeSync(device);
  }
};

describe.skipIf(!hasFull)("on a full disk (needs /dev/full)", () => {
  test.each([
    ...["--version", "--help", "wqaq --help", "completion bash"],
    ...["run quick-digits --dry-run", "run quick-digits --dry-run --json"],
  ])("%s ends with code 1 and the reason on stderr", (call) => {
    const { status, stderr } = run(call.split(" "), "stdout");
    expect(stderr).toContain("Not all output could be written: the disk is full.");
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(1);
  });

  test("training saves its net and exits with 1", async () => {
    const { status, stderr } = run([...TINY, "--save", "net.safetensors"], "stdout");
    expect(stderr).toContain("The command continues without it.");
    expect(status).toBe(1);
    const { manifest } = await loadCheckpoint(join(folder, "net.safetensors"));
    expect(manifest?.isFinished).toBe(true);
  });

  test("lost progress on stderr does not end the command", async () => {
    const { status, stdout } = run([...TINY, "--save", "silent.safetensors"], "stderr");
    expect(status).toBe(0);
    expect(stdout).toContain("Saved silent.safetensors");
  });

  test("a wrong call exits with 2 even if nothing can be printed", () => {
    expect(run(["wqaq", "--epochs", "x"], "both").status).toBe(2);
  });
});

const canMount = spawnSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;

test.skipIf(!canMount)(
  "an output of which only a part fits counts as lost (needs unshare -m)",
  () => {
    const script = `mount -t tmpfs -o size=4k none "$FOLDER" && "$NODE" "$BIN" wqaq --help > "$FOLDER/help"`;
    const { status, stderr } = spawnSync("unshare", ["-m", "sh", "-c", script], {
      env: { ...process.env, FOLDER: folder, NODE: process.execPath, BIN: bin },
      encoding: "utf8",
    });
    expect(stderr).toContain("Not all output could be written: the disk is full.");
    expect(status).toBe(1);
  },
);
