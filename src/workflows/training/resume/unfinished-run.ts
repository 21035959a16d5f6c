import { loadCheckpoint } from "../../../checkpoint/checkpoint.js";
import { statePathOf } from "../../../checkpoint/state-path.js";
import { exists } from "../../../files/exists.js";
import type { CommandContext } from "../../../cli/command.js";
import { interruptedPath, previousPath } from "../../outputs/output-file.js";

/**
 * Says on stderr that a fresh run takes the place of one that did not come to its end: where that is kept, and how to
 * go on with it instead.
 */
export const tellUnfinished = async (
  path: string,
  { stderr }: Pick<CommandContext, "stderr">,
): Promise<void> => {
  const found = await loadCheckpoint(path).catch(() => undefined);
  if (found?.manifest?.isFinished !== false) return;
  const state = statePathOf(path);
  const kept = [interruptedPath(path), ...((await exists(state)) ? [previousPath(state)] : [])];
  const replaced = (await exists(interruptedPath(path))) ? ", in place of what is kept there" : "";
  stderr.write(
    `${path} is of a run that did not come to its end. It is kept as ${kept.join(" and ")}${replaced}; --resume auto would go on with it.\n`,
  );
};
