/** A thread of Node.js or of a page, as far as the runtime uses it. */
export interface HostWorker {
  readonly send: (message: unknown) => void;
  /** Called with what the worker sends. */
  readonly onMessage: (listener: () => void) => void;
  /** Called if the worker fails or ends. */
  readonly onEnd: (listener: () => void) => void;
  readonly end: () => void;
}

interface NodeWorker {
  readonly postMessage: (message: unknown) => void;
  readonly on: (event: "message" | "error" | "exit", listener: () => void) => void;
  readonly unref: () => void;
  readonly terminate: () => unknown;
}

interface NodeThreads {
  readonly Worker: new (
    program: string,
    options: { readonly eval: true; readonly execArgv: readonly string[] },
  ) => NodeWorker;
}

interface PageWorker {
  readonly postMessage: (message: unknown) => void;
  readonly addEventListener: (event: "message" | "error", listener: () => void) => void;
  readonly terminate: () => void;
}

interface Host {
  readonly process?: {
    readonly getBuiltinModule?: (name: "node:worker_threads") => NodeThreads | undefined;
  };
  readonly Worker?: new (address: string) => PageWorker;
}

const nodeWorker = ({ Worker }: NodeThreads, program: string): HostWorker => {
  // Options of the process, such as loaders, are not for it.
  const worker = new Worker(program, { eval: true, execArgv: [] });
  return {
    send: (message) => worker.postMessage(message),
    onMessage: (listener) => {
      worker.on("message", listener);
      // A process ends when nothing but these threads is left; listening would keep it.
      worker.unref();
    },
    onEnd: (listener) => {
      worker.on("error", listener);
      worker.on("exit", listener);
    },
    end: () => worker.terminate(),
  };
};

const pageWorker = (Worker: NonNullable<Host["Worker"]>, program: string): HostWorker => {
  const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const worker = new Worker(address);
  return {
    send: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", listener),
    onEnd: (listener) => worker.addEventListener("error", listener),
    end: () => {
      worker.terminate();
      URL.revokeObjectURL(address);
    },
  };
};

/**
 * Starts a worker with a program.
 * @throws whatever the host throws if it refuses.
 */
export const startWorker = (program: string, host: Host = globalThis as Host): HostWorker => {
  const threads = host.process?.getBuiltinModule?.("node:worker_threads");
  if (threads) return nodeWorker(threads, program);
  if (!host.Worker) throw new Error("There are no workers here.");
  return pageWorker(host.Worker, program);
};
