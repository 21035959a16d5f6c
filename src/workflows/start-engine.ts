import { type EngineInfo, loadEngine } from "../engine/load-engine.js";
import type { WorkflowContext } from "./context.js";

/** Loads the engine, setting it up first if necessary. The setup reports its progress and can be aborted. */
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
