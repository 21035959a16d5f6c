import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { stateDigest } from "../../checkpoint/state-digest.js";
import {
  readHistory,
  type TrainingHistory,
  writeHistory,
} from "../../checkpoint/training-history.js";
import type { NetDescription } from "../../models/net-description.js";
import { shellCommand } from "../../options/shell-command.js";
import type { WorkflowContext } from "../context.js";
import { fileHistory } from "./file-history.js";
import { historyPathOf } from "./history-path.js";

/** All calls of a history, those of the file that it started from first. */
export const callsOf = ({ origin, commands }: TrainingHistory): readonly string[] => [
  ...origin,
  // Behind a comment, so that it stays a call as one types it.
  ...commands.map(({ command, fromEpoch }) =>
    fromEpoch === 1 ? command : `${command} # from epoch ${fromEpoch}`,
  ),
];

/** The calls that made a file, the oldest first; none where no history beside it tells of it. */
export const callsThatMade = async (
  file: Pick<Checkpoint, "path" | "state">,
): Promise<readonly string[]> => {
  const found = await fileHistory(file);
  return found.kind === "found" ? callsOf(found.history) : [];
};

/** The call that made a file from another one. */
export interface MakingCall {
  readonly argv: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** The calls that made the file which it was made from, taken before anything was written. */
  readonly origin: readonly string[];
  /** The net of a state dict that does not tell its own. */
  readonly described?: NetDescription | undefined;
}

const writeOwn = async (
  file: string,
  { argv, options, origin, described }: MakingCall,
): Promise<void> => {
  const path = historyPathOf(file);
  const found = await readHistory(path);
  if (found.kind === "damaged" || (found.kind === "found" && found.history.run !== null)) return;
  const { state } = await loadCheckpoint(file, { described });
  const model = stateDigest(state);
  if (found.kind === "found" && found.history.model === model) return;
  await writeHistory(path, {
    run: null,
    model,
    origin: [...origin],
    commands: [{ command: shellCommand(argv), fromEpoch: 1 }],
    options: { ...options },
    epochs: [],
  });
};

/**
 * Writes the history of a file that was made without training. A training's history of that name stays, and one of the
 * same net: nin.pth has that of nin.safetensors beside it. Any other is written over: what is kept as .previous belongs
 * to the model that is kept. A failure is told and costs the history alone.
 */
export const writeProvenance = async (
  file: string,
  call: MakingCall,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): Promise<void> => {
  await writeOwn(file, call).catch((error: Error) => {
    onEvent({ kind: "provenance-not-written", file, reason: error.message });
  });
};
