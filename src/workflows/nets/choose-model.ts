import { dirname } from "node:path";
import { type QpruneError, usageError } from "../../base/errors.js";
import { option as optionName } from "../../base/option-reference.js";
import { exists } from "../../files/exists.js";
import type { WorkflowContext } from "../context.js";
import { checkSaved, type NetCheck, SAVED_MODELS, savedModels } from "./saved-models.js";

/** Which file a workflow takes. */
export interface ModelChoice {
  /** The option that names the file. */
  readonly option: string;
  /** What the caller gave for the option. */
  readonly given: string | undefined;
  /** The file that an earlier workflow of the chain leaves. */
  readonly usual: string;
  /** Whether the workflow can take a net with the options of this call. */
  readonly canTake: NetCheck;
  /** Of the nets in the folder of the usual one that it can take: those that may stand in for it. */
  readonly standsIn: NetCheck;
  /** Of several of these: the newest one, or none, so that the user has to choose. */
  readonly ofSeveral: "newest" | "none";
  /** The command line that makes such a net, its command first. */
  readonly make: readonly string[];
  readonly onEvent: WorkflowContext["onEvent"];
}

/** More are not named. */
const MOST_NAMED = 5;

const findStandIns = ({ usual, canTake, standsIn }: ModelChoice, most: number): Promise<string[]> =>
  savedModels({ folder: dirname(usual), recursive: false, most }, async (net) =>
    net.checkpoint.path === usual ? false : (await standsIn(net)) && (await canTake(net)),
  );

/** The file that stands in for the usual one, or undefined where none or no single one does. */
const standIn = async (choice: ModelChoice): Promise<string | undefined> => {
  const found = await findStandIns(choice, 2);
  return choice.ofSeveral === "newest" || found.length === 1 ? found[0] : undefined;
};

const noModel = async ({ option, usual, canTake, make }: ModelChoice): Promise<QpruneError> => {
  const everywhere = { folder: SAVED_MODELS, recursive: true, most: MOST_NAMED };
  const models = await savedModels(everywhere, canTake);
  return usageError(
    `No ${optionName(option)} is given, and ${usual} does not exist.`,
    models.length === 0 ? "Train a net first, or name a file." : `Name one: ${models.join(", ")}.`,
    { code: "no-model-file", details: { option, models, make } },
  );
};

/**
 * The file that an option names; without it the one that an earlier workflow of the chain leaves; where that is not
 * there or does not fit the other options, what stands in for it in the same folder, which is reported.
 * @throws QpruneError (usage) where there is none, naming saved files that can be taken.
 */
export const chooseModel = async (choice: ModelChoice): Promise<string> => {
  const { option, given, usual, canTake, onEvent } = choice;
  if (given !== undefined) return given;
  const isThere = await exists(usual);
  // What does not read as a net is left to the workflow, whose message names the reason.
  if (isThere && (await checkSaved(usual, canTake)) !== false) return usual;
  const chosen = await standIn(choice);
  if (chosen !== undefined) {
    const why = isThere ? "does not fit" : "missing";
    onEvent({ kind: "model-chosen", option, usual, why, chosen });
    return chosen;
  }
  if (isThere) return usual;
  throw await noModel(choice);
};
