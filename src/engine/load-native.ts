import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { QpruneError } from "../base/errors.js";
import { usePlainOps } from "../tensor/op.js";
import { tf } from "../tensor/tf.js";
import type { BindingTypes, NativeBackend } from "./native-backend.js";
import { registerNativeKernels } from "./native-kernels/register.js";
import { refuseUnloadable } from "./setup/cache/unloadable-cache.js";
import { type InstalledEngine, type SetupOptions, setUpEngine } from "./setup/set-up-engine.js";
import { carryStoredTensors } from "./stored-tensors.js";

const BACKEND = "tensorflow";
/** The priority with which tfjs-node registers itself; the JavaScript backend has 1. */
const PRIORITY = 3;

const require = createRequire(import.meta.url);

let loadedFrom: string | undefined;

/** The folder of the tfjs-node whose backend is running; undefined with another engine. */
export const tfjsNodeFolder = (): string | undefined =>
  tf.getBackend() === BACKEND ? loadedFrom : undefined;

/** Restores two functions of node:util that tfjs-node calls; Node 22 deprecates them and 23 removed them. */
const restoreUtil = (): void => {
  Object.assign(require("node:util") as object, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
  });
};

interface BackendModule {
  readonly NodeJSKernelBackend: new (
    binding: BindingTypes,
    packageName: string,
  ) => NativeBackend & InstanceType<typeof tf.KernelBackend>;
}

/** Loads the binding. One that does not load is compiled again once, unless the system would refuse that one, too. */
const requireBinding = async (
  engine: InstalledEngine,
  options: SetupOptions,
): Promise<BindingTypes> => {
  const { bindingFile, binding } = engine.paths;
  try {
    return require(bindingFile) as BindingTypes;
  } catch (cause) {
    refuseUnloadable(engine.paths.root, cause);
    options.reporter.notify("The engine in the cache does not load; compiling it again");
    await rm(binding, { recursive: true, force: true });
    await setUpEngine(options);
  }
  try {
    return require(bindingFile) as BindingTypes;
  } catch (cause) {
    throw new QpruneError(`The native engine does not load: ${String(cause)}`, {
      code: "engine-does-not-load",
      hint: "Remove the engine from the cache and set it up again, or use the JavaScript engine.",
      cause,
    });
  }
};

/** The native engine on this processor. */
export interface NativeEngineInfo {
  readonly tensorflowVersion: string;
  /** Whether the processor multiplies bfloat16; otherwise the engine emulates it, which is slower than float32. */
  readonly multipliesBf16: boolean;
}

const multipliesBf16 = (backend: NativeBackend): boolean =>
  tf.tidy(() => backend.executeSingleOutput("QpruneBf16Support", [], []).dataSync()[0] === 1);

/**
 * Loads TensorFlow into this process, setting it up first if needed, and makes it the backend of TensorFlow.js with the
 * package's own kernels.
 */
export const loadNative = async (options: SetupOptions): Promise<NativeEngineInfo> => {
  if (!tf.findBackend(BACKEND)) {
    const engine = await setUpEngine(options);
    // TensorFlow reads both variables when its library is loaded.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
    // By default it uses oneDNN only on processors with AVX-512 VNNI or later.
    process.env.TF_ENABLE_ONEDNN_OPTS ??= "1";
    restoreUtil();
    const binding = await requireBinding(engine, options);
    const dist = join(engine.tfjsNodeFolder, "dist");
    const { NodeJSKernelBackend } = require(
      join(dist, "nodejs_kernel_backend.js"),
    ) as BackendModule;
    require(join(dist, "register_all_kernels.js"));
    const backend = new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node");
    carryStoredTensors(backend);
    tf.registerBackend(BACKEND, () => backend, PRIORITY);
    loadedFrom = engine.tfjsNodeFolder;
  }
  await tf.setBackend(BACKEND);
  await tf.ready();
  // The cast is safe: this backend was registered above.
  const backend = tf.backend() as unknown as NativeBackend;
  registerNativeKernels(backend);
  // For comparison and debugging: TensorFlow.js's own ops on the same backend.
  usePlainOps(process.env.QPRUNE_PLAIN_OPS === "1");
  return { tensorflowVersion: backend.binding.TF_Version, multipliesBf16: multipliesBf16(backend) };
};
