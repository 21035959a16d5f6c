import { QpruneError } from "../base/errors.js";
import { clearKernels } from "../tensor/op.js";
import { tf } from "../tensor/tf.js";
import { fallbackText } from "./fallback-text.js";
import { registerJsKernels } from "./js-kernels/register.js";
import { loadNative, type NativeEngineInfo } from "./load-native.js";
import { type Machine, thisMachine } from "./setup/machine.js";
import { progressLines, type SetupReporter } from "./setup/setup-reporter.js";

export type EngineChoice = "native" | "js" | "auto";

export interface LoadOptions {
  /** `auto`: the native engine if it can be set up, otherwise JavaScript with a notice. */
  readonly engine: EngineChoice;
  /** Receives lines for the user, which belong on stderr. */
  readonly notify?: (line: string) => void;
  /** Receives the progress of the set-up; by default, some of it is passed to `notify` as lines. */
  readonly progress?: SetupReporter["progress"];
  readonly signal?: AbortSignal;
  /** Receives the error that makes `auto` fall back to JavaScript; by default, a line goes to `notify`. */
  readonly onFallback?: ((error: QpruneError) => void) | undefined;
  /** A file with TensorFlow's wheel, for a set-up without network. */
  readonly wheelFile?: string | undefined;
  /** The machine to set up for; by default the running one. */
  readonly machine?: Machine;
}

/** The loaded engine. */
export type EngineInfo = ({ readonly kind: "native" } & NativeEngineInfo) | { readonly kind: "js" };

const reporterOf = ({ notify, progress }: LoadOptions): SetupReporter => {
  const write = notify ?? ((line: string) => void process.stderr.write(`${line}\n`));
  return { notify: write, progress: progress ?? progressLines(write) };
};

/** Makes TensorFlow.js's JavaScript backend the current one and registers the package's loops for it. */
const loadJs = async (): Promise<void> => {
  await import("@tensorflow/tfjs-backend-cpu");
  clearKernels();
  await tf.setBackend("cpu");
  await tf.ready();
  registerJsKernels();
};

/**
 * Loads the engine that runs all tensors from now on. On first use it sets the native engine up. Call it again to change
 * the engine.
 * @throws QpruneError if the native engine was requested and is not available.
 */
export const loadEngine = async (options: LoadOptions): Promise<EngineInfo> => {
  const reporter = reporterOf(options);
  // Silences TensorFlow.js's banners and its warnings about kernels registered twice.
  tf.env().set("PROD", true);
  if (options.engine !== "js") {
    const machine = options.machine ?? thisMachine();
    try {
      const setup = { machine, reporter, signal: options.signal, wheelFile: options.wheelFile };
      return { kind: "native", ...(await loadNative(setup)) };
    } catch (error) {
      const canFallBack = options.engine === "auto" && error instanceof QpruneError;
      if (!canFallBack || options.signal?.aborted) throw error;
      if (options.onFallback) options.onFallback(error);
      else reporter.notify(fallbackText(error));
    }
  }
  await loadJs();
  return { kind: "js" };
};
