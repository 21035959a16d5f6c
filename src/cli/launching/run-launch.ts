import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { QpruneError, usageError } from "../../base/errors.js";
import type { launchOptions } from "../../options/commands/launch-options.js";
import type { Call } from "../../workflows/call.js";
import type { CommandContext, Output } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { withReferenceName } from "../plain-names.js";
import { freePorts } from "./free-ports.js";

/** The compiled program and the sources are at the same depth. */
const PROGRAM = fileURLToPath(new URL("../../../bin/qprune.js", import.meta.url));

const TRAINING = ["prune", "wqaq", "wbwtab"];

/** After the end of one worker, the others notice it themselves within this time. */
const GRACE_MS = 60_000;

/** What the TensorFlow launchers set for each worker. */
const configOf = (addresses: readonly string[], index: number): string =>
  JSON.stringify({ cluster: { worker: addresses }, task: { type: "worker", index } });

/** Passes the lines of a child on, those of workers that write no files with their index. */
const passOn = (from: ChildProcess["stdout"], to: Output, index: number): void => {
  if (!from) return;
  if (index === 0) from.on("data", (data: Buffer) => to.write(data.toString()));
  else createInterface(from).on("line", (line) => to.write(`[${index}] ${line}\n`));
};

const checkCommand = (command: readonly string[]): void => {
  const [name = ""] = withReferenceName(command);
  if (TRAINING.includes(name)) return;
  throw usageError(
    `${name} is not a training command; launch starts ${TRAINING.join(", ")}.`,
    "Write the command after --, as in: qprune launch --processes 2 -- wqaq --dataset digits",
  );
};

/** The error of the workers' exit codes, the most telling one first; undefined if all are 0. */
const failureOf = (codes: readonly number[]): QpruneError | undefined => {
  const failed = codes.flatMap((code, index) => (code === 0 ? [] : [{ code, index }]));
  if (failed.length === 0) return undefined;
  const ranks: readonly number[] = [EXIT.usage, EXIT.failed, EXIT.tryAgain];
  const shown = ranks.find((rank) => failed.some(({ code }) => code === rank));
  const kinds = { [EXIT.usage]: "usage", [EXIT.failed]: "failure" } as const;
  const list = failed.map(({ code, index }) => `worker ${index} with code ${code}`).join(", ");
  return new QpruneError(`The workers did not finish: ${list}.`, {
    kind: shown === EXIT.usage || shown === EXIT.failed ? kinds[shown] : "temporary",
    hint: "Their messages are above. To continue a run that was stopped, run the command again with --resume auto.",
  });
};

/** Starts a training command as several workers on this machine, and ends with them. */
export const runLaunch = async (
  { options }: Call<typeof launchOptions>,
  context: CommandContext,
): Promise<void> => {
  const { command, processes }: z.output<typeof launchOptions> = options;
  checkCommand(command);
  context.stderr.write(
    "On one machine, one process with the whole batch is faster; this is for trying.\n",
  );
  const ports = await freePorts(processes);
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const children = addresses.map((_, index) => {
    const child = spawn(process.execPath, [PROGRAM, ...command], {
      env: { ...context.env, TF_CONFIG: configOf(addresses, index) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    passOn(child.stdout, context.stdout, index);
    passOn(child.stderr, context.stderr, index);
    return child;
  });
  const killAll = (signal: NodeJS.Signals): void => {
    for (const child of children) child.kill(signal);
  };
  const stop = (): void => killAll("SIGTERM");
  context.signal.addEventListener("abort", stop, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const codes = await Promise.all(
    children.map(async (child) => {
      const [code, signal]: (number | string | null)[] = await once(child, "close");
      timer ??= setTimeout(() => killAll("SIGKILL"), GRACE_MS);
      return typeof code === "number" ? code : signal === null ? EXIT.failed : EXIT.tryAgain;
    }),
  );
  clearTimeout(timer);
  context.signal.removeEventListener("abort", stop);
  context.signal.throwIfAborted();
  const failure = failureOf(codes);
  if (failure) throw failure;
};
