import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { QpruneError } from "../../../../src/base/errors.js";
import type { Diagnosis } from "../../../../src/engine/diagnosis/diagnosis.js";
import { findProblems } from "../../../../src/engine/diagnosis/find-problems.js";
import { refuseUnloadable } from "../../../../src/engine/setup/cache/unloadable-cache.js";
import { temporaryFolder } from "../temporary-machine.js";

test("a library that the system refuses to map is not compiled again, and the message names XDG_CACHE_HOME", () => {
  const root = temporaryFolder();
  const refused = new Error(`${root}/a.node: failed to map segment from shared object`);
  expect(() => refuseUnloadable(root, refused)).toThrow(QpruneError);
  expect(() => refuseUnloadable(root, refused)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("XDG_CACHE_HOME=FOLDER") }),
  );
  refuseUnloadable(root, new Error(`${root}/a.node: invalid ELF header`));
});

const facts = (cache: Partial<Diagnosis["cache"]>, isSetUp: boolean) => ({
  versions: {
    ...{ qprune: "1", node: "20.0.0", npm: "10", tfjs: "4", tensorflow: "2" },
    ...{ compiler: "g++", python: "3", pip: "24" },
  },
  machine: {
    ...{ platform: "linux", arch: "x64", isTested: true, cores: 1, threads: 1 },
    ...{ memoryMegabytes: 1, isOneDnnOn: true, vectorExtensions: [] },
  },
  cache: { folder: "/cache", freeMegabytes: 1, noexecMount: null, parts: [], ...cache },
  engine: { isUsable: false, detail: "it does not load" },
  isSetUp,
  obstacle: undefined,
});

test.each([true, false])(
  "a cache on a noexec disk is the one problem, set up or not (%s)",
  (isSetUp) => {
    const problems = findProblems(facts({ noexecMount: "/mnt" }, isSetUp));
    expect(problems).toEqual([
      {
        what: "The cache is on a disk that is mounted noexec (/mnt): no library can be loaded from it.",
        remedy: expect.stringContaining("XDG_CACHE_HOME=FOLDER"),
        code: "engine-cache-noexec",
      },
    ]);
  },
);

test("a user without a cache folder learns how to set one", () => {
  expect(findProblems(facts({ folder: null }, false))).toEqual([
    {
      what: expect.stringContaining("no home folder"),
      remedy: expect.stringContaining("XDG_CACHE_HOME="),
    },
  ]);
});

const canMount =
  spawnSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs -o noexec none /mnt"]).status === 0;
const bin = fileURLToPath(new URL("../../../../bin/qprune.js", import.meta.url));

test.skipIf(!canMount || !existsSync(bin))(
  "a set-up into a noexec disk is refused before anything is downloaded (needs unshare -m)",
  () => {
    const mount = temporaryFolder();
    const script = `mount -t tmpfs -o noexec none "$MOUNT" && "$NODE" "$BIN" setup; code=$?; ls -A "$MOUNT"; exit $code`;
    const { status, stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", script], {
      env: {
        ...process.env,
        MOUNT: mount,
        XDG_CACHE_HOME: mount,
        NODE: process.execPath,
        BIN: bin,
      },
      encoding: "utf8",
    });
    expect(stderr).toContain(`is on a disk that is mounted noexec (${mount})`);
    expect(status).toBe(1);
    expect(stdout).toBe("");
  },
);
