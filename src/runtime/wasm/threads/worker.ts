/** The program of a worker: it computes parts of the jobs of one net until it is ended. The build bundles it as text. */
import type { KernelJob } from "../../kernels/kernel-target.js";
import { instantiateKernels, type KernelModules } from "../instantiate-kernels.js";
import type { WasmMemory } from "../web-assembly.js";
import { controlOf, work } from "./control.js";

/** What a worker receives. */
export interface WorkerStart {
  readonly modules: KernelModules;
  readonly memory: WasmMemory;
  readonly jobs: readonly KernelJob[];
  readonly index: number;
}

/** A thread in Node.js, or of a page. */
interface WorkerScope {
  readonly postMessage: (message: unknown) => void;
  readonly addEventListener: (
    name: "message",
    listener: (event: { readonly data: WorkerStart }) => void,
  ) => void;
}

interface NodeProcess {
  readonly getBuiltinModule?: (name: "node:worker_threads") => { readonly parentPort: unknown };
}

const { process } = globalThis as { readonly process?: NodeProcess };
// Ports of Node.js have the methods of a page's workers.
const scope = (process?.getBuiltinModule?.("node:worker_threads").parentPort ??
  globalThis) as WorkerScope;

scope.addEventListener("message", async ({ data: { modules, memory, jobs, index } }) => {
  const kernels = await instantiateKernels(modules, memory);
  scope.postMessage("ready");
  work({ control: controlOf(memory.buffer), kernels, jobs, index });
});
