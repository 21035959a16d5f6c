import { QpruneError } from "../../base/errors.js";
import { loadEngine } from "../../engine/load-engine.js";
import { setUpRuntimeAddon } from "../../engine/runtime-addon/runtime-addon.js";
import { cachePaths } from "../../engine/setup/cache/cache-folder.js";
import { removeEngine } from "../../engine/setup/cache/remove-engine.js";
import { type Machine, thisMachine } from "../../engine/setup/machine.js";
import { requireWheel } from "../../engine/setup/requirements.js";
import { checkWheel } from "../../engine/setup/wheel/check-wheel.js";
import type { CommandContext } from "../command.js";
import { setupProgress } from "./setup-progress.js";

export interface SetupCall {
  /** The wheel to set up from. */
  readonly wheel?: string | undefined;
  /** Whether to delete the engine instead. */
  readonly remove: boolean;
}

const remove = async (machine: Machine, { stdout, signal }: CommandContext): Promise<void> => {
  const { root } = cachePaths(machine);
  const megabytes = Math.round((await removeEngine(machine, signal)) / 1e6);
  stdout.write(
    megabytes === 0
      ? `There is no native engine in ${root}.\n`
      : `Removed the native engine from ${root}: ${megabytes} MB freed.\n`,
  );
};

/** Sets up the engine and loads it, or removes it. */
export const runSetup = async (
  { wheel: wheelFile, remove: isRemoval }: SetupCall,
  context: CommandContext,
): Promise<void> => {
  const machine: Machine = { ...thisMachine(), env: context.env };
  if (isRemoval) {
    if (wheelFile === undefined) return remove(machine, context);
    throw new QpruneError("--wheel and --remove contradict each other.", {
      kind: "usage",
      hint: "Give only one of them.",
    });
  }
  // A wrong file is refused even if the engine is already set up.
  if (wheelFile !== undefined) await checkWheel(wheelFile, requireWheel(machine));
  const { close, ...reporter } = setupProgress(context);
  const { signal, now } = context;
  const start = now();
  try {
    const info = await loadEngine({ engine: "native", machine, wheelFile, signal, ...reporter });
    await setUpRuntimeAddon(machine, reporter.notify, signal);
    const version = info.kind === "native" ? info.tensorflowVersion : "";
    const seconds = ((now() - start) / 1000).toFixed(1);
    const { root } = cachePaths(machine);
    context.stdout.write(
      `The native engine is ready: TensorFlow ${version} in ${root} (${seconds} s).\n`,
    );
  } finally {
    close();
  }
};
