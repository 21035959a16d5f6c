import { join } from "node:path";
import { cacheFolder } from "../../../files/user-cache.js";
import { COMPILE_FLAGS } from "../compile/compile-flags.js";
import { hashNativeSources } from "../compile/native-sources.js";
import type { Machine } from "../machine.js";
import { TENSORFLOW_VERSION, TFJS_VERSION } from "../versions.js";

/** Raised when what set-up takes out of a wheel, or how it treats it, changes. */
const LIBRARIES_RECIPE = 1;
/** Raised when the way the binding is linked changes (its flags and sources count by themselves). */
const BINDING_RECIPE = 1;

/** The folders of the engine in the user's cache. Each appears whole, by one rename, or not at all. */
export interface CachePaths {
  /** Holds everything else; `qprune setup --remove` deletes nothing outside it. */
  readonly root: string;
  /** TensorFlow's libraries and headers: the large part, keyed by TensorFlow's version. */
  readonly libraries: string;
  /** The compiled binding, keyed by the sources that it is made of. */
  readonly binding: string;
  readonly bindingFile: string;
  /** tfjs-node, where the package's own installation has none. */
  readonly tfjsNode: string;
  readonly lockFile: string;
}

/** The engine's folders on a machine; nothing is read or made but the hash of the native sources. */
export const cachePaths = (machine: Machine): CachePaths => {
  const root = cacheFolder(machine);
  const kind = `${machine.platform}-${machine.arch}`;
  const sources = hashNativeSources([
    ...COMPILE_FLAGS,
    TENSORFLOW_VERSION,
    TFJS_VERSION,
    `${BINDING_RECIPE}.${LIBRARIES_RECIPE}`,
  ]);
  const binding = join(root, `engine-${kind}-tfjs${TFJS_VERSION}-${sources}`);
  return {
    root,
    libraries: join(root, `engine-${kind}-tf${TENSORFLOW_VERSION}-${LIBRARIES_RECIPE}`),
    binding,
    bindingFile: join(binding, "qprune_engine.node"),
    tfjsNode: join(root, `engine-tfjs-node-${TFJS_VERSION}`),
    lockFile: join(root, "engine-setup.lock"),
  };
};
