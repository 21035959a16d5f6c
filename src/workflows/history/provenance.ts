import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { stateDigest } from "../../checkpoint/tensors/state-digest.js";
import {
  readHistory,
  type TrainingHistory,
  writeHistory,
} from "../../checkpoint/training/training-history.js";
import type { Architecture } from "../../models/architecture.js";
import { shellCommand } from "../../options/names/shell-command.js";
import type { WorkflowContext } from "../context.js";
import { fileHistory } from "./file-history.js";
import { historyPathOf } from "./history-path.js";

/** All commands of a history, starting with those of the file that training started from. */
export const commandsOf = ({ origin, commands }: TrainingHistory): readonly string[] => [
  ...origin,
  // In a shell comment, so that the command can be pasted as it is.
  ...commands.map(({ command, fromEpoch }) =>
    fromEpoch === 1 ? command : `${command} # from epoch ${fromEpoch}`,
  ),
];

/** The commands that made a file, oldest first; empty if it has no history. */
export const provenanceOf = async (
  file: Pick<Checkpoint, "path" | "state">,
): Promise<readonly string[]> => {
  const found = await fileHistory(file);
  return found.kind === "found" ? commandsOf(found.history) : [];
};

/** A call that makes a file from another one. */
export interface ProducingCall {
  readonly argv: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** The commands that made the input file, read before anything is written. */
  readonly origin: readonly string[];
  /** The net of a state dict that does not record it. */
  readonly described?: Architecture | undefined;
}

const writeHistoryOf = async (
  file: string,
  { argv, options, origin, described }: ProducingCall,
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
 * Writes the history of a file that was made without training. The history of a training run is kept, as is that of the
 * same net in another format; any other one is overwritten. A failure is reported and only affects the history.
 */
export const writeProvenance = async (
  file: string,
  call: ProducingCall,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): Promise<void> => {
  await writeHistoryOf(file, call).catch((error: Error) => {
    onEvent({ kind: "provenance-not-written", file, reason: error.message });
  });
};
