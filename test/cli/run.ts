import { runCli } from "../../src/cli/main.js";

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The objects of --json. */
  readonly events: readonly Record<string, unknown>[];
}

/** Runs the command line in this process, without a terminal. */
export const qprune = async (
  argv: readonly string[],
  signal: AbortSignal = new AbortController().signal,
  /** Called with everything that is written to stdout. */
  onOutput: (text: string) => void = () => {},
): Promise<CliRun> => {
  const text = { stdout: "", stderr: "" };
  const output = (name: "stdout" | "stderr") => ({
    write: (more: string) => {
      text[name] += more;
      if (name === "stdout") onOutput(more);
    },
    isTTY: false,
    columns: 80,
  });
  const code = await runCli(argv, {
    stdout: output("stdout"),
    stderr: output("stderr"),
    env: process.env,
    now: () => performance.now(),
    signal,
  });
  const events = text.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, ...text, events };
};
