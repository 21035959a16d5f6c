import type { CommandDefinition } from "./command.js";

/** Loads a command. The type of its schema is only known in its own file. */
const load =
  <K extends string>(module: () => Promise<Record<K, unknown>>, name: K) =>
  async (): Promise<CommandDefinition> =>
    (await module())[name] as CommandDefinition;

/** All commands in the order of the help, each loaded on demand. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandDefinition>>> = {
  prune: load(() => import("./commands/prune.js"), "pruneCommand"),
  wqaq: load(() => import("./commands/wqaq.js"), "wqaqCommand"),
  wbwtab: load(() => import("./commands/wbwtab.js"), "wbwtabCommand"),
  launch: load(() => import("./commands/launch.js"), "launchCommand"),
  "normal-regular-prune": load(
    () => import("./commands/normal-regular-prune.js"),
    "normalRegularPruneCommand",
  ),
  "gc-prune": load(() => import("./commands/gc-prune.js"), "gcPruneCommand"),
  "bn-merge": load(() => import("./commands/bn-merge.js"), "bnMergeCommand"),
  "bn-merge-test": load(() => import("./commands/bn-merge-test.js"), "bnMergeTestCommand"),
  ptq: load(() => import("./commands/ptq.js"), "ptqCommand"),
  allocate: load(() => import("./commands/allocate.js"), "allocateCommand"),
  run: load(() => import("./commands/run.js"), "runCommand"),
  summary: load(() => import("./commands/summary.js"), "summaryCommand"),
  predict: load(() => import("./commands/predict.js"), "predictCommand"),
  sensitivity: load(() => import("./commands/sensitivity.js"), "sensitivityCommand"),
  compare: load(() => import("./commands/compare.js"), "compareCommand"),
  augment: load(() => import("./commands/augment.js"), "augmentCommand"),
  export: load(() => import("./commands/export.js"), "exportCommand"),
  serve: load(() => import("./commands/serve.js"), "serveCommand"),
  convert: load(() => import("./commands/convert.js"), "convertCommand"),
  setup: load(() => import("./commands/setup.js"), "setupCommand"),
  doctor: load(() => import("./commands/doctor.js"), "doctorCommand"),
  completion: load(() => import("./commands/completion.js"), "completionCommand"),
};

/** All commands, in the order of the help. */
export const loadCommands = (): Promise<CommandDefinition[]> =>
  Promise.all(Object.values(COMMANDS).map((command) => command()));

/** The called command alone, or all commands if there is none of that name. */
export const loadCalledCommands = async (
  name: string | undefined,
): Promise<CommandDefinition[]> => {
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return command ? [await command()] : loadCommands();
};
