import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { stateDigest } from "../../checkpoint/state-digest.js";
import { readHistory } from "../../checkpoint/training-history.js";
import { DIGITS_INFO } from "../../data/digits.js";
import { exists } from "../../files/exists.js";
import { commandOf } from "../nets/command-of.js";
import type { StoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { historyPathOf } from "../output/history-path.js";
import { shellCommand } from "../shell-command.js";
import { dataFlags } from "../testing/data-flags.js";
import type { ExportCall } from "./export-call.js";

/** Stands for a folder that nothing tells. */
const SOME_FOLDER = "DIR";

/** The folder of the images that a file was trained on, where its history tells it and it is there. */
const trainedFolder = async ({ path, state }: Checkpoint): Promise<string | undefined> => {
  const found = await readHistory(historyPathOf(path));
  if (found.kind !== "found" || found.history.model !== stateDigest(state)) return undefined;
  const { data } = found.history.options;
  return typeof data === "string" && (await exists(data)) ? data : undefined;
};

/** The flags that name the test images: those of the call, else of the training, where the default is another. */
const imageFlags = async (
  { options, given }: ExportCall,
  checkpoint: Checkpoint,
): Promise<string[]> => {
  const asked = dataFlags(options, given);
  const { name } = storedDataSetInfo(checkpoint);
  if (asked.length > 0 || name === DIGITS_INFO.name) return asked;
  const folder = await trainedFolder(checkpoint);
  if (folder === undefined) return name === "images" ? ["--data", SOME_FOLDER] : [];
  return folder === options.data ? [] : ["--data", folder];
};

/** The call that tests an exported file; its images are named where it would not find them. */
export const testCall = async (
  file: string,
  call: ExportCall,
  { checkpoint, spec }: StoredNet,
): Promise<string> => {
  const evaluate = [commandOf(spec.quantization), "--evaluate", "--resume", file];
  return shellCommand([...evaluate, ...(await imageFlags(call, checkpoint))]);
};
