import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { link } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { holderName, type LockHolder } from "../../src/files/locks/lock-watch.js";
import { isProcessAlive, thisProcess } from "../../src/files/locks/process-identity.js";
import { withProcessLock } from "../../src/files/locks/process-lock.js";

vi.mock("node:fs/promises", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs/promises")>();
  return { ...fs, link: vi.fn(fs.link) };
});

const realLink = vi.mocked(link).getMockImplementation();
afterEach(() => {
  if (realLink) vi.mocked(link).mockImplementation(realLink);
});

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-lock-"));
  folders.push(folder);
  return folder;
};
const lockPath = (): string => join(newFolder(), "sub", "lock");
const FAST = { pollMs: 5, beatMs: 20, silentMs: 400 };

/** The id of a process that has ended. */
const deadPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await new Promise((resolve) => child.on("close", resolve));
  return child.pid as number;
};

const plant = (content: string | object): string => {
  const path = lockPath();
  mkdirSync(join(path, ".."));
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(path, text);
  return path;
};

const OTHERS = { ...thisProcess(), nonce: "others" };
const ELSEWHERE = { ...OTHERS, pidNamespace: "pid:[1]" };

const enter = (path: string): Promise<string> => withProcessLock(path, async () => "in", FAST);

describe.each([
  ["with hard links", undefined],
  ...["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EXDEV", "EMLINK", "EACCES", "EINVAL", "EIO"].map(
    (code) => [`where link() fails with ${code}`, code] as const,
  ),
] as const)("a process lock %s", (_, code) => {
  const failLinks = (): void => {
    if (code !== undefined)
      vi.mocked(link).mockRejectedValue(Object.assign(new Error(code), { code, syscall: "link" }));
  };

  test("lets one action in at a time and leaves no file", async () => {
    failLinks();
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

  test("takes over the lock of a process that has died", async () => {
    failLinks();
    const path = plant({ ...OTHERS, pid: await deadPid() });
    await expect(enter(path)).resolves.toBe("in");
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });
});

describe("a process lock", () => {
  test("reports once that it waits, and for which process", async () => {
    const path = lockPath();
    const said: string[] = [];
    const first = withProcessLock(path, () => sleep(100));
    while (!existsSync(path)) await sleep(5);
    const onHeld = (holder: LockHolder, state: string): number =>
      said.push(`${state}: ${holderName(holder)}`);
    await withProcessLock(path, async () => {}, { ...FAST, onHeld });
    await first;
    expect(said).toEqual([`alive: process ${process.pid}`]);
  });

  test("takes over the lock of an earlier process with the id of a running one", async () => {
    if (OTHERS.startTime === "") return;
    await expect(enter(plant({ ...OTHERS, startTime: "1" }))).resolves.toBe("in");
  });

  test("takes over a file that is not a lock, even an empty one, once it has not changed for a while", async () => {
    await expect(enter(plant("garbage"))).resolves.toBe("in");
    await expect(enter(plant(""))).resolves.toBe("in");
  });

  test("waits for a lock from elsewhere until it has been silent for long enough", async () => {
    const path = plant(ELSEWHERE);
    const said: string[] = [];
    const onHeld = (holder: LockHolder, state: string, longestMs: number): number =>
      said.push(`${state}, ${longestMs} ms: ${holderName(holder)}`);
    const entered = withProcessLock(path, async () => "in", { ...FAST, onHeld });
    await expect(Promise.race([entered, sleep(100, "waiting")])).resolves.toBe("waiting");
    await expect(entered).resolves.toBe("in");
    expect(said).toEqual([
      `unknown, 400 ms: process ${process.pid} in another container or on another machine (host ${OTHERS.host})`,
    ]);
  });

  test("has a heartbeat while it is held, even while the main thread is busy", async () => {
    const path = lockPath();
    const texts = await withProcessLock(
      path,
      async () => {
        await sleep(200);
        const before = readFileSync(path, "utf8");
        const end = performance.now() + 200;
        while (performance.now() < end);
        return [before, readFileSync(path, "utf8")];
      },
      FAST,
    );
    expect(texts[0]).not.toBe(texts[1]);
    expect(texts.map((text) => JSON.parse(text).pid)).toEqual([process.pid, process.pid]);
  });

  test("stops waiting when aborted", async () => {
    const path = plant(ELSEWHERE);
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

  test("does not remove a lock that another process has taken over", async () => {
    const path = lockPath();
    const theirs = JSON.stringify(ELSEWHERE);
    await withProcessLock(
      path,
      async () => {
        rmSync(path);
        writeFileSync(path, theirs);
        await sleep(100);
      },
      FAST,
    );
    expect(readFileSync(path, "utf8")).toBe(theirs);
  });

  test("is refused if its path is a folder or a dangling link", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "lock"));
    await expect(enter(join(folder, "lock"))).rejects.toThrow(/exists, but is not a lock file/);
    symlinkSync("nothing", join(folder, "link"));
    await expect(enter(join(folder, "link"))).rejects.toThrow(/exists, but is not a lock file/);
  });

  test("that cannot be written is refused with a readable error, and leaves no file", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "file"), "");
    const path = join(folder, "file", "lock");
    await expect(enter(path)).rejects.toThrow(`Cannot write ${path}`);
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});

const UNSHARE = ["--pid", "--fork", "--kill-child"];
const canUnshare = spawnSync("unshare", [...UNSHARE, "true"]).status === 0;

describe.skipIf(!canUnshare)(
  "between containers with the same host name (needs unshare --pid)",
  () => {
    /** Holds a lock as the first process of its own namespace, with an id that also exists here. */
    const holdElsewhere = async (path: string): Promise<ChildProcess> => {
      const text = JSON.stringify({ ...ELSEWHERE, pid: 1, beats: "0" }).replace('"0"}', "");
      const script = `i=0; while :; do i=$((i+1)); printf '%s"%010d"}' "$TEXT" $i 1<> "$LOCK"; sleep 0.05; done`;
      const env = { ...process.env, TEXT: text, LOCK: path };
      const child = spawn("unshare", [...UNSHARE, "sh", "-c", script], { env, stdio: "ignore" });
      while (!existsSync(path)) await sleep(5);
      return child;
    };

    test("a live lock is taken only after its container has died", async () => {
      const path = lockPath();
      mkdirSync(join(path, ".."));
      const holder = await holdElsewhere(path);
      const states: string[] = [];
      const onHeld = (_: LockHolder, state: string): number => states.push(state);
      const entered = withProcessLock(path, async () => "in", { ...FAST, onHeld });
      await expect(Promise.race([entered, sleep(800, "waiting")])).resolves.toBe("waiting");
      expect(states).toEqual(["unknown", "alive"]);
      const closed = new Promise((resolve) => holder.on("close", resolve));
      holder.kill("SIGKILL");
      await closed;
      await expect(entered).resolves.toBe("in");
    });
  },
);

test("a process is alive until it has ended", async () => {
  expect(isProcessAlive(process.pid)).toBe(true);
  expect(isProcessAlive(await deadPid())).toBe(false);
});
