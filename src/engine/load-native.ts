import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { QpruneError } from "../base/errors.js";
import { usePlainOps } from "../tensor/op.js";
import { tf } from "../tensor/tf.js";
import { registerNativeKernels } from "./kernels/register.js";
import type { BindingTypes, NativeBackend } from "./native-backend.js";
import { refuseUnloadable } from "./setup/cache/unloadable-cache.js";
import { type InstalledEngine, type SetupOptions, setUpEngine } from "./setup/set-up-engine.js";

const BACKEND = "tensorflow";
/** As tfjs-node's own index registers it: above the JavaScript backend's 1. */
const PRIORITY = 3;

const require = createRequire(import.meta.url);

let loadedFrom: string | undefined;

/** Where the tfjs-node lies whose backend runs at present; undefined under another engine. */
export const tfjsNodeFolder = (): string | undefined =>
  tf.getBackend() === BACKEND ? loadedFrom : undefined;

/** tfjs-node calls two functions of Node's util that are deprecated on 22 and gone from 23 on. */
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

/** Loads the binding; one that does not load is made again, once, unless the system would refuse that one too. */
const requireBinding = async (
  engine: InstalledEngine,
  options: SetupOptions,
): Promise<BindingTypes> => {
  const { bindingFile, binding } = engine.paths;
  try {
    return require(bindingFile) as BindingTypes;
  } catch (cause) {
    refuseUnloadable(engine.paths.root, cause);
    options.reporter.notify("The engine in the cache does not load; it is made anew");
    await rm(binding, { recursive: true, force: true });
    await setUpEngine(options);
  }
  try {
    return require(bindingFile) as BindingTypes;
  } catch (cause) {
    throw new QpruneError(`The native engine does not load: ${String(cause)}`, {
      hint: "Run qprune setup --remove, then qprune setup; qprune doctor shows more. --engine js works without it.",
      cause,
    });
  }
};

/**
 * Loads TensorFlow into this process, setting it up first where needed, and makes it the backend of
 * TensorFlow.js with the package's own kernels.
 * @returns TensorFlow's version.
 */
export const loadNative = async (options: SetupOptions): Promise<string> => {
  if (!tf.findBackend(BACKEND)) {
    const engine = await setUpEngine(options);
    // TensorFlow reads both when its library is loaded.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
    // By itself it turns oneDNN on only where the processor has instructions for neural networks (AVX-512 VNNI and later).
    process.env.TF_ENABLE_ONEDNN_OPTS ??= "1";
    restoreUtil();
    const binding = await requireBinding(engine, options);
    const dist = join(engine.tfjsNodeFolder, "dist");
    const { NodeJSKernelBackend } = require(
      join(dist, "nodejs_kernel_backend.js"),
    ) as BackendModule;
    require(join(dist, "register_all_kernels.js"));
    const backend = new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node");
    tf.registerBackend(BACKEND, () => backend, PRIORITY);
    loadedFrom = engine.tfjsNodeFolder;
  }
  await tf.setBackend(BACKEND);
  await tf.ready();
  // The class behind the name was registered above.
  const backend = tf.backend() as unknown as NativeBackend;
  registerNativeKernels(backend);
  // One switch for comparison and debugging: TensorFlow.js's own ops alone, on the same backend.
  usePlainOps(process.env.QPRUNE_PLAIN_OPS === "1");
  return backend.binding.TF_Version;
};
