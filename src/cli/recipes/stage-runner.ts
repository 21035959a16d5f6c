import { alternativeSpellings, normaliseArgv } from "../argv.js";
import type { CommandContext, CommandDefinition } from "../command.js";
import { bnMergeCommand } from "../commands/bn-merge.js";
import { compareCommand } from "../commands/compare.js";
import { exportCommand } from "../commands/export.js";
import { normalRegularPruneCommand } from "../commands/normal-regular-prune.js";
import { pruneCommand } from "../commands/prune.js";
import { wbwtabCommand } from "../commands/wbwtab.js";
import { wqaqCommand } from "../commands/wqaq.js";
import { createProgram } from "../program.js";
import { withWayOn } from "../training/resume-hint.js";
import { packageVersion } from "../../files/package-version.js";

/** The commands of stages. A schema's type goes no further than its own command. */
const stageCommands = [
  wqaqCommand,
  wbwtabCommand,
  pruneCommand,
  normalRegularPruneCommand,
  bnMergeCommand,
  exportCommand,
  compareCommand,
] as readonly unknown[] as readonly CommandDefinition[];

/**
 * Runs calls of the command line in this process, as if they were typed. Errors are thrown, with how to go on:
 * by `recipeCall`, the one way for every stage.
 */
export const stageRunner =
  (context: CommandContext, recipeCall: string) =>
  async (argv: readonly string[]): Promise<void> => {
    const command = stageCommands.find(({ name }) => name === argv[0]);
    if (!command) throw new Error(`no command of stages is called ${argv[0]}`);
    const version = packageVersion();
    const program = createProgram({
      version,
      commands: stageCommands,
      context: { ...context, isStage: true },
      argv,
    });
    const words = normaliseArgv(argv, alternativeSpellings(command.schema));
    await program.parseAsync(words, { from: "user" }).catch((error) => {
      throw context.signal.aborted ? error : withWayOn(error, `go on with: ${recipeCall}`);
    });
  };
