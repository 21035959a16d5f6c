import { spawn } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Aborting it ends the program. */
  readonly signal?: AbortSignal | undefined;
}

export interface RunResult {
  /** The exit code; null if a signal ended the program or it could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether the program exists. */
  readonly wasFound: boolean;
}

/** Characters of each output that are kept, from its end, where error messages are. */
const KEPT_CHARACTERS = 64_000;

const collect = (stream: NodeJS.ReadableStream | null): (() => string) => {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    text = (text + chunk).slice(-KEPT_CHARACTERS);
  });
  return () => text;
};

/** Signals that end this process by default and would leave a child process running. */
const ENDING: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP"];

/** Calls `end` when this process ends by itself or by a signal; returns a function that cancels it. */
const onProcessEnd = (end: () => void): (() => void) => {
  const endAndDie = (signal: NodeJS.Signals): void => {
    end();
    stop();
    process.kill(process.pid, signal);
  };
  const stop = (): void => {
    process.off("exit", end);
    for (const signal of ENDING) process.off(signal, endAndDie);
  };
  process.on("exit", end);
  for (const signal of ENDING) process.on(signal, endAndDie);
  return stop;
};

/**
 * Runs a program to its end without a shell. Never throws if it fails. The program ends with this process, and when the
 * signal is aborted.
 */
export const runProgram = (
  command: string,
  args: readonly string[],
  { cwd, env = process.env, signal }: RunOptions = {},
): Promise<RunResult> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: env as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const end = (): void => {
      child.kill("SIGTERM");
    };
    const finish = (code: number | null, wasFound: boolean): void => {
      stopListening();
      signal?.removeEventListener("abort", end);
      resolve({ code, stdout: stdout(), stderr: stderr(), wasFound });
    };
    const stopListening = onProcessEnd(end);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
    child.on("error", (error: NodeJS.ErrnoException) => finish(null, error.code !== "ENOENT"));
    child.on("close", (code) => finish(code, true));
  });
