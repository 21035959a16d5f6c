import type { CommandDefinition } from "./command.js";
import { bnMergeCommand } from "./commands/bn-merge.js";
import { bnMergeTestCommand } from "./commands/bn-merge-test.js";
import { compareCommand } from "./commands/compare.js";
import { completionCommand } from "./commands/completion.js";
import { convertCommand } from "./commands/convert.js";
import { doctorCommand } from "./commands/doctor.js";
import { exportCommand } from "./commands/export.js";
import { gcPruneCommand } from "./commands/gc-prune.js";
import { normalRegularPruneCommand } from "./commands/normal-regular-prune.js";
import { predictCommand } from "./commands/predict.js";
import { pruneCommand } from "./commands/prune.js";
import { runCommand } from "./commands/run.js";
import { setupCommand } from "./commands/setup.js";
import { summaryCommand } from "./commands/summary.js";
import { wbwtabCommand } from "./commands/wbwtab.js";
import { wqaqCommand } from "./commands/wqaq.js";

/** All commands, in the order of the help. A schema's type goes no further than its own command. */
export const commands: readonly CommandDefinition[] = [
  wqaqCommand,
  wbwtabCommand,
  pruneCommand,
  normalRegularPruneCommand,
  gcPruneCommand,
  bnMergeCommand,
  bnMergeTestCommand,
  exportCommand,
  summaryCommand,
  predictCommand,
  compareCommand,
  convertCommand,
  runCommand,
  setupCommand,
  doctorCommand,
  completionCommand(() => commands),
] as readonly unknown[] as readonly CommandDefinition[];
