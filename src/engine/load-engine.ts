import { QpruneError } from "../base/errors.js";
import { tf } from "../tensor/tf.js";
import { loadJs } from "./load-js.js";
import { loadNative } from "./load-native.js";
import { type Machine, thisMachine } from "./setup/machine.js";
import { progressLines, type SetupReporter } from "./setup/setup-reporter.js";

export type EngineChoice = "native" | "js" | "auto";

export interface LoadOptions {
  /** `auto`: the native engine if it can be set up, else JavaScript with a notice. */
  readonly engine: EngineChoice;
  /** Takes lines for the user; they belong on stderr. */
  readonly notify?: (line: string) => void;
  /** Takes the progress of the set-up; without it, lines go to `notify` now and then. */
  readonly progress?: SetupReporter["progress"];
  readonly signal?: AbortSignal;
  /** TensorFlow's wheel on this disk, for a set-up without network. */
  readonly wheelFile?: string | undefined;
  /** The machine to set up for; by default the one that runs. */
  readonly machine?: Machine;
}

/** The engine that runs. */
export type EngineInfo =
  | { readonly kind: "native"; readonly tensorflowVersion: string }
  | { readonly kind: "js" };

const reporterOf = ({ notify, progress }: LoadOptions): SetupReporter => {
  const say = notify ?? ((line: string) => void process.stderr.write(`${line}\n`));
  return { notify: say, progress: progress ?? progressLines(say) };
};

const oneLine = (error: QpruneError): string =>
  [error.message, error.hint].filter(Boolean).join(" ").replace(/\s+/g, " ");

/**
 * Loads the engine that runs all tensors from then on, setting the native one up on first use.
 * May be called again to change the engine. @throws QpruneError where a native engine was asked for
 * and cannot be had.
 */
export const loadEngine = async (options: LoadOptions): Promise<EngineInfo> => {
  const reporter = reporterOf(options);
  // Silences TensorFlow.js's own banners and its remarks on kernels registered twice.
  tf.env().set("PROD", true);
  if (options.engine !== "js") {
    const machine = options.machine ?? thisMachine();
    try {
      const setup = { machine, reporter, signal: options.signal, wheelFile: options.wheelFile };
      return { kind: "native", tensorflowVersion: await loadNative(setup) };
    } catch (error) {
      const canFallBack = options.engine === "auto" && error instanceof QpruneError;
      if (!canFallBack || options.signal?.aborted) throw error;
      reporter.notify(`Using the slower JavaScript engine: ${oneLine(error)}`);
    }
  }
  await loadJs();
  return { kind: "js" };
};
