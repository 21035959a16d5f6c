// Starts processes of qprune for the measurements of several workers.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../bin/qprune.js", import.meta.url));

/** Ports that nothing listens to at the moment. */
export const freePorts = async (count) => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((done) => server.once("listening", done))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
};

/**
 * Starts qprune with --json. `prefix` is a command that runs it, such as taskset -c 0. Returns the child, the events so far, and
 * a promise of exit code and errors.
 */
export const start = (args, { cwd, prefix = [], env = {}, onEvent = () => {} }) => {
  const [program, ...rest] = [...prefix, process.execPath, PROGRAM, ...args, "--json"];
  const child = spawn(program, rest, { cwd, env: { ...process.env, ...env } });
  const events = [];
  let text = "";
  let errors = "";
  child.stdout.on("data", (data) => {
    const lines = `${text}${data}`.split("\n");
    text = lines.pop();
    for (const line of lines) {
      events.push(JSON.parse(line));
      onEvent(events.at(-1), child);
    }
  });
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const ended = new Promise((done) => {
    child.once("close", (code) => done({ code, errors, events }));
  });
  return { child, events, ended };
};

/** Arguments of worker `index` at these addresses. */
export const asWorker = (addresses, index) => [
  ...["--workers", addresses.join()],
  ...["--task-index", String(index)],
];

/** Runs qprune as workers on this machine; `prefixes` are those of start. Returns their ends. */
export const runWorkers = async (args, count, { cwd, prefixes = [], hosts = [] }) => {
  const ports = await freePorts(count);
  const addresses = ports.map((port, index) => `${hosts[index] ?? "127.0.0.1"}:${port}`);
  const workers = addresses.map((_, index) =>
    start([...args, ...asWorker(addresses, index)], { cwd, prefix: prefixes[index] }),
  );
  return Promise.all(workers.map(({ ended }) => ended));
};

/** The losses of all steps. */
export const lossesOf = ({ events }) =>
  events.filter(({ event }) => event === "step").map(({ loss }) => loss);

/** The largest relative difference of two lists of losses of the same length. */
export const largestDifference = (ours, theirs) => {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} and ${theirs.length} losses`);
  return Math.max(
    ...ours.map((loss, step) => Math.abs(loss - theirs[step]) / Math.abs(theirs[step])),
  );
};
