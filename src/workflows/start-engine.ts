import { type EngineInfo, loadEngine } from "../engine/load-engine.js";
import type { CommandContext } from "../cli/command.js";
import { setupProgress } from "../cli/engine/setup-progress.js";

/** Loads the engine, which may have to be set up first; that shows its progress and can be stopped. */
export const startEngine = async (
  engine: "native" | "js" | "auto",
  context: CommandContext,
): Promise<EngineInfo> => {
  const { close, ...reporter } = setupProgress(context);
  try {
    return await loadEngine({ engine, signal: context.signal, ...reporter });
  } finally {
    close();
  }
};
