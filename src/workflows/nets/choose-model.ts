import { dirname } from "node:path";
import { type QpruneError, usageError } from "../../base/errors.js";
import { exists } from "../../files/exists.js";
import { quoted } from "../../options/shell-command.js";
import { checkSaved, type NetCheck, SAVED_MODELS, savedModels } from "./saved-models.js";

/** Which file a command takes. */
export interface ModelChoice {
  /** The flag that names the file. */
  readonly flag: string;
  /** What the user gave to the flag. */
  readonly given: string | undefined;
  /** The file that an earlier command of the chain leaves. */
  readonly usual: string;
  /** Whether the command can take a net with the options of this call. */
  readonly canTake: NetCheck;
  /** Of the nets in the folder of the usual one that it can take: those that may stand in for it. */
  readonly standsIn: NetCheck;
  /** Of several of these: the newest one, or none, so that the user has to choose. */
  readonly ofSeveral: "newest" | "none";
  /** The call that makes such a net. */
  readonly make: string;
  readonly notify: (line: string) => void;
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

const noModel = async (choice: ModelChoice): Promise<QpruneError> => {
  const { flag, usual, canTake, make } = choice;
  const message = `No ${flag} is given, and ${usual} does not exist.`;
  const everywhere = { folder: SAVED_MODELS, recursive: true, most: MOST_NAMED };
  const models = await savedModels(everywhere, canTake);
  if (models.length === 0) {
    return usageError(message, `Give a file with ${flag} FILE, or make one by ${make}`);
  }
  const flags = models.map((path) => `\n    ${flag} ${quoted(path)}`).join("");
  return usageError(
    message,
    `Add one of these (the newest first), or make one by ${make}:${flags}`,
  );
};

/**
 * The file that a flag names; without it the one that an earlier command of the chain leaves; where that is not there
 * or does not fit the other flags, what stands in for it in the same folder, with a notice.
 * @throws QpruneError (usage) where there is none, naming saved files that the command can take.
 */
export const chooseModel = async (choice: ModelChoice): Promise<string> => {
  const { flag, given, usual, canTake, notify } = choice;
  if (given !== undefined) return given;
  const isThere = await exists(usual);
  // What does not read as a net is left to the command, whose message names the reason.
  if (isThere && (await checkSaved(usual, canTake)) !== false) return usual;
  const found = await standIn(choice);
  if (found !== undefined) {
    const why = isThere ? "does not fit the other flags" : "does not exist";
    notify(`No ${flag} is given, and ${usual} ${why}: taking ${found}`);
    return found;
  }
  if (isThere) return usual;
  throw await noModel(choice);
};
