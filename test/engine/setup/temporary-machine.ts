import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Machine } from "../../../src/engine/setup/machine.js";
import type { SetupReporter } from "../../../src/engine/setup/setup-reporter.js";

/** An empty folder that is gone after the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export interface TemporaryMachine {
  readonly machine: Machine;
  /** Its cache folder, empty at first. */
  readonly cache: string;
  /** The only folder of its PATH. */
  readonly bin: string;
  /** Puts a shell script on its PATH. */
  readonly addProgram: (name: string, script: string) => void;
}

/** A Linux machine with an empty cache and nothing on its PATH but what a test puts there. */
export const temporaryMachine = (): TemporaryMachine => {
  const cache = join(temporaryFolder(), "cache");
  const bin = temporaryFolder();
  const addProgram = (name: string, script: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, { mode: 0o755 });
  const env = { PATH: bin, XDG_CACHE_HOME: cache };
  const machine = { platform: "linux", arch: "x64", env, homeFolder: cache };
  return { machine, cache, bin, addProgram };
};

/** A compiler that prints its version and compiles nothing. */
export const FAKE_COMPILER = 'test "$1" = --version && echo "fake g++ 13" || exit 1';

/** A python3 whose pip prints its version, and runs `download` with the target folder as $TARGET. */
export const fakePip = (download: string): string =>
  [
    'for last; do TARGET="$last"; done',
    'case "$*" in *--version*) echo "pip 24.0 from /somewhere (python 3.12)"; exit 0;; esac',
    download,
  ].join("\n");

/** The real PATH after a test's own programs. */
export const withRealPath = ({ machine, bin }: TemporaryMachine): Machine => ({
  ...machine,
  env: { ...process.env, ...machine.env, PATH: [bin, process.env.PATH].join(delimiter) },
});

/** Records the notices of a set-up. */
export const recordingReporter = (): SetupReporter & { readonly lines: string[] } => {
  const lines: string[] = [];
  return { lines, notify: (line) => lines.push(line), progress: () => {} };
};

/** A link to another folder. */
export const linkFolder = (target: string, path: string): void => {
  mkdirSync(join(path, ".."), { recursive: true });
  symlinkSync(target, path, "dir");
};
