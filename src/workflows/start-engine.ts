import { type EngineInfo, loadEngine } from "../engine/load-engine.js";
import type { WorkflowContext } from "./context.js";

/** Loads the engine, which may have to be set up first; that reports its progress and can be stopped. */
export const startEngine = (
  engine: "native" | "js" | undefined,
  { signal, onEvent }: Pick<WorkflowContext, "signal" | "onEvent">,
): Promise<EngineInfo> =>
  loadEngine({
    engine: engine ?? "auto",
    signal,
    notify: (text) => onEvent({ kind: "message", text }),
    onFallback: (error) => onEvent({ kind: "engine-fallback", error }),
    progress: (progress) => onEvent({ kind: "setup-progress", progress }),
  });
