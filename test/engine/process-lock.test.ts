import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { isProcessAlive, withProcessLock } from "../../src/files/process-lock.js";

const lockPath = (): string => join(mkdtempSync(join(tmpdir(), "qprune-lock-")), "sub", "lock");
const FAST = { pollMs: 5 };

/** The id of a process that has ended. */
const deadPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await new Promise((resolve) => child.on("close", resolve));
  return child.pid as number;
};

const plant = async (holder: object): Promise<string> => {
  const path = lockPath();
  await withProcessLock(path, async () => {});
  writeFileSync(path, JSON.stringify(holder));
  return path;
};

describe("a process lock", () => {
  test("lets one action in at a time and leaves no file", async () => {
    const path = lockPath();
    let inside = 0;
    let most = 0;
    const action = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(10);
      inside--;
    };
    await Promise.all([1, 2, 3, 4].map(() => withProcessLock(path, action, FAST)));
    expect(most).toBe(1);
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });

  test("says once that it waits, and for whom", async () => {
    const path = lockPath();
    const said: number[] = [];
    const first = withProcessLock(path, () => sleep(60));
    await sleep(10);
    await withProcessLock(path, async () => {}, { ...FAST, onWait: (pid) => said.push(pid) });
    await first;
    expect(said).toEqual([process.pid]);
  });

  test("takes over the lock of a process that has died", async () => {
    const path = await plant({ pid: await deadPid(), startTime: "1", host: hostname() });
    await expect(withProcessLock(path, async () => "in", FAST)).resolves.toBe("in");
    expect(existsSync(path)).toBe(false);
  });

  test("takes over the lock of an earlier process with the id of a running one", async () => {
    const path = await plant({ pid: process.pid, startTime: "1", host: hostname() });
    await expect(withProcessLock(path, async () => "in", FAST)).resolves.toBe("in");
  });

  test("takes over a file that is no lock", async () => {
    const path = await plant([]);
    writeFileSync(path, "garbage");
    await expect(withProcessLock(path, async () => "in", FAST)).resolves.toBe("in");
  });

  test("waits for a lock from another host until that has been silent for a minute", async () => {
    const path = await plant({ pid: 1, startTime: "1", host: "another-host" });
    const entered = withProcessLock(path, async () => "in", FAST);
    await expect(Promise.race([entered, sleep(40, "waiting")])).resolves.toBe("waiting");
    const longAgo = new Date(Date.now() - 120_000);
    utimesSync(path, longAgo, longAgo);
    await expect(entered).resolves.toBe("in");
  });

  test("stops waiting when aborted", async () => {
    const path = await plant({ pid: 1, startTime: "1", host: "another-host" });
    const signal = AbortSignal.timeout(20);
    await expect(withProcessLock(path, async () => {}, { ...FAST, signal })).rejects.toThrow();
    expect(existsSync(path)).toBe(true);
  });

  test("is released when the action fails", async () => {
    const path = lockPath();
    const fail = (): Promise<never> => Promise.reject(new Error("no"));
    await expect(withProcessLock(path, fail)).rejects.toThrow("no");
    expect(existsSync(path)).toBe(false);
  });
});

test("a process is alive until it has ended", async () => {
  expect(isProcessAlive(process.pid)).toBe(true);
  expect(isProcessAlive(await deadPid())).toBe(false);
});

test("a lock that cannot be written is refused in plain words, and leaves nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-lock-"));
  writeFileSync(join(folder, "file"), "");
  const path = join(folder, "file", "lock");
  await expect(withProcessLock(path, () => Promise.resolve())).rejects.toThrow(
    `Cannot write ${path}`,
  );
  expect(readdirSync(folder)).toEqual(["file"]);
});
