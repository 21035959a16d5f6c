import { dirname } from "node:path";
import { type QpruneError, usageError } from "../../base/errors.js";
import { option as optionName } from "../../base/option-reference.js";
import { exists } from "../../files/reading/exists.js";
import type { WorkflowContext } from "../context.js";
import { checkSaved, type NetCheck, SAVED_MODELS, savedModels } from "./saved-models.js";

/** How a workflow chooses its model file. */
export interface ModelChoice {
  /** The option that names the file. */
  readonly option: string;
  /** The value that the caller gave, if any. */
  readonly given: string | undefined;
  /** The file that the preceding workflow writes by default. */
  readonly defaultFile: string;
  /** Whether the workflow can use a net with the options of this call. */
  readonly accepts: NetCheck;
  /** Whether an accepted net in the folder of the default file may be used instead of it. */
  readonly mayStandIn: NetCheck;
  /** What to use if there are several of these: the newest one, or none, so that the user has to choose. */
  readonly whenSeveral: "newest" | "none";
  /** A command line that creates such a net, starting with the command. */
  readonly make: readonly string[];
  readonly onEvent: WorkflowContext["onEvent"];
}

/** The maximum number of models in a message. */
const MAX_LISTED = 5;

const findStandIns = (
  { defaultFile, accepts, mayStandIn }: ModelChoice,
  most: number,
): Promise<string[]> =>
  savedModels({ folder: dirname(defaultFile), recursive: false, most }, async (net) =>
    net.checkpoint.path === defaultFile ? false : (await mayStandIn(net)) && (await accepts(net)),
  );

/** The file to use instead of the default one, or undefined if there is none or the choice is ambiguous. */
const findStandIn = async (choice: ModelChoice): Promise<string | undefined> => {
  const found = await findStandIns(choice, 2);
  return choice.whenSeveral === "newest" || found.length === 1 ? found[0] : undefined;
};

const noModel = async ({
  option,
  defaultFile,
  accepts,
  make,
}: ModelChoice): Promise<QpruneError> => {
  const everywhere = { folder: SAVED_MODELS, recursive: true, most: MAX_LISTED };
  const models = await savedModels(everywhere, accepts);
  return usageError(
    `No ${optionName(option)} is given, and ${defaultFile} does not exist.`,
    models.length === 0 ? "Train a net first, or name a file." : `Name one: ${models.join(", ")}.`,
    { code: "no-model-file", details: { option, models, make } },
  );
};

/**
 * The model file of a workflow: the one that the option names, or else the default file. If that is missing or does not
 * fit the other options, another one from its folder is used and reported.
 * @throws QpruneError (usage) if there is none; it lists saved models that could be used.
 */
export const chooseModel = async (choice: ModelChoice): Promise<string> => {
  const { option, given, defaultFile, accepts, onEvent } = choice;
  if (given !== undefined) return given;
  const hasDefault = await exists(defaultFile);
  // A file that is not a net is left to the workflow, whose error names the reason.
  if (hasDefault && (await checkSaved(defaultFile, accepts)) !== false) return defaultFile;
  const chosen = await findStandIn(choice);
  if (chosen !== undefined) {
    const why = hasDefault ? "does not fit" : "missing";
    onEvent({ kind: "model-chosen", option, defaultFile, why, chosen });
    return chosen;
  }
  if (hasDefault) return defaultFile;
  throw await noModel(choice);
};
