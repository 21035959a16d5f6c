import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { trainingStatePathOf } from "../../../checkpoint/training/training-state-path.js";
import { joinWorkers, needsNativeEngine } from "../../../engine/workers/join-workers.js";
import { workerName } from "../../../engine/workers/worker-failure.js";
import { packageVersion } from "../../../files/package-version.js";
import { ALONE, type Workers } from "../../../tensor/workers.js";
import { gatherBytes, gatherTexts } from "../../../train/workers/gather-texts.js";
import type { WorkflowContext } from "../../context.js";
import { historyPathOf } from "../../history/history-path.js";
import { startEngine } from "../../start-engine.js";
import type { TrainingCall } from "../training-call.js";
import { clusterOf } from "./cluster-of.js";
import { compareCalls } from "./compare-workers.js";

/** The context of a run, with the processes that take part in it. */
export interface SharedContext extends WorkflowContext {
  readonly workers: Workers;
}

/** The events of a worker that writes no files: only those that are about its own machine. */
const OWN_EVENTS: readonly string[] = ["message", "engine-fallback", "setup-progress"];

/** Joins the workers of a call; a call without any trains alone. @throws QpruneError if they cannot train together */
const joinRun = async (call: TrainingCall, context: WorkflowContext): Promise<Workers> => {
  const { options } = call;
  const cluster = options.evaluate ? undefined : clusterOf(options, context.env);
  if (!cluster) return ALONE;
  if (options.engine === "js") throw needsNativeEngine();
  const engine = await startEngine(options.engine, context);
  const { signal, now, onEvent } = context;
  const notify = (text: string): void => onEvent({ kind: "message", text });
  const patienceSeconds = options.worker_timeout;
  const workers = await joinWorkers(cluster, { patienceSeconds, signal, notify, now });
  compareCalls(workers, call, {
    qprune: packageVersion(),
    TensorFlow: engine.kind === "native" ? engine.tensorflowVersion : "none",
  });
  notify(`This is ${workerName(cluster, cluster.index)} of ${workers.count}`);
  return workers;
};

/** The files of a run that is resumed: its state, model and history. */
const filesOf = (state: string, model: string): string[] => [state, model, historyPathOf(model)];

const NOTHING = new Uint8Array();

/** Sends the files of a resumed run to the other workers; without a state, the fact that there is none. */
export const sendRun = async (
  workers: Workers,
  state: string | undefined,
  model: string,
): Promise<void> => {
  if (workers.count === 1) return;
  const extension = extname(model);
  gatherTexts(workers, JSON.stringify({ hasState: state !== undefined, extension }));
  if (state === undefined) return;
  for (const path of filesOf(state, model)) {
    gatherBytes(workers, await readFile(path).catch(() => NOTHING));
  }
};

/** Receives what worker 0 sent: the options of the call, with files in `folder`. */
const receiveRun = async (
  workers: Workers,
  { options }: TrainingCall,
  folder: string,
): Promise<TrainingCall["options"]> => {
  const [sent = "{}"] = gatherTexts(workers, "");
  const { hasState, extension }: { hasState: boolean; extension: string } = JSON.parse(sent);
  const save = join(folder, `model${extension}`);
  const own = { ...options, save, log_dir: undefined };
  if (!hasState) {
    return { ...own, resume: options.resume === "auto" ? undefined : options.resume };
  }
  const state = trainingStatePathOf(save);
  for (const path of filesOf(state, save)) {
    const [bytes = NOTHING] = gatherBytes(workers, NOTHING);
    if (bytes.length > 0) await writeFile(path, bytes);
  }
  return { ...own, resume: state };
};

/**
 * Takes part in a run. Worker 0, and a process that trains alone, runs the call as it is. The others keep their files in a
 * temporary folder, and start from those that worker 0 sends.
 */
export const takeSeat = async <T>(
  call: TrainingCall,
  context: WorkflowContext,
  run: (call: TrainingCall, context: SharedContext) => Promise<T>,
): Promise<T> => {
  const workers = await joinRun(call, context);
  if (workers.index === 0) return run(call, { ...context, workers });
  const folder = await mkdtemp(join(tmpdir(), "qprune-worker-"));
  const onEvent: WorkflowContext["onEvent"] = (event) => {
    if (OWN_EVENTS.includes(event.kind)) context.onEvent(event);
  };
  try {
    const options = await receiveRun(workers, call, folder);
    return await run({ ...call, options }, { ...context, onEvent, workers });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
