import { join } from "node:path";
import { cacheFolder } from "../../../files/user-cache.js";
import { COMPILE_FLAGS } from "../compile/compile-flags.js";
import { hashNativeSources } from "../compile/native-sources.js";
import type { Machine } from "../machine.js";
import { TENSORFLOW_VERSION, TFJS_VERSION } from "../versions.js";

/** Increase it when the set-up takes other files out of a wheel, or processes them differently. */
const LIBRARIES_RECIPE = 1;
/** Increase it when the binding is linked differently; its flags and sources are part of the key anyway. */
const BINDING_RECIPE = 1;

/** The engine's folders in the user's cache. Each appears complete, by one rename, or not at all. */
export interface CachePaths {
  /** Contains everything else; removing the engine deletes nothing outside it. */
  readonly root: string;
  /** TensorFlow's libraries and headers: the large part, keyed by TensorFlow's version. */
  readonly libraries: string;
  /** The compiled binding, keyed by its sources. */
  readonly binding: string;
  readonly bindingFile: string;
  /** tfjs-node, if the package was installed without it. */
  readonly tfjsNode: string;
  readonly lockFile: string;
}

/** The engine's folders on a machine. It reads only the native sources, to hash them, and creates nothing. */
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
