import { availableParallelism, cpus, totalmem } from "node:os";
import { existingParent, noexecMount } from "../../files/noexec-mount.js";
import { findCacheFolder } from "../../files/user-cache.js";
import { freeBytes } from "../../files/writing/free-space.js";
import { cachePaths } from "../setup/cache/cache-folder.js";
import { folderBytes } from "../setup/cache/folder-bytes.js";
import { findCompiler } from "../setup/compile/find-compiler.js";
import { findTfjsNode } from "../setup/compile/find-tfjs-node.js";
import type { Machine } from "../setup/machine.js";
import { machineObstacle, vectorExtensions } from "../setup/machine-obstacle.js";
import { runProgram } from "../setup/run-program.js";
import { findEngine } from "../setup/set-up-engine.js";
import { TENSORFLOW_VERSION, TFJS_VERSION } from "../setup/versions.js";
import { findPip } from "../setup/wheel/find-pip.js";
import { wheelFor } from "../setup/wheel/wheels.js";
import type { CachePart, Diagnosis } from "./diagnosis.js";
import { findProblems } from "./find-problems.js";
import type { ProbeResult } from "./probe.js";

export interface DiagnoseOptions {
  readonly machine: Machine;
  readonly packageVersion: string;
  /** Tries the engine; called only if it is set up. */
  readonly probe: () => Promise<ProbeResult>;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

const versionOf = async (
  command: string,
  { env }: Machine,
  pattern = /\S+/,
): Promise<string | null> => {
  const { code, stdout } = await runProgram(command, ["--version"], { env });
  return code === 0 ? (pattern.exec(stdout)?.[0] ?? null) : null;
};

const findVersions = async ({ machine, packageVersion }: DiagnoseOptions) => {
  const pip = await findPip(machine.env);
  return {
    qprune: packageVersion,
    node: process.versions.node,
    npm: await versionOf("npm", machine),
    tfjs: TFJS_VERSION,
    tensorflow: TENSORFLOW_VERSION,
    compiler: (await findCompiler(machine.env))?.version ?? null,
    python: await versionOf(pip?.python ?? "python3", machine, /\d[\w.]*/),
    pip: pip?.version.match(/\d[\w.]*/)?.[0] ?? null,
  };
};

const describeMachine = ({ platform, arch, env }: Machine) => {
  const wanted = Number(env.TF_NUM_INTRAOP_THREADS);
  return {
    platform,
    arch,
    isTested: wheelFor(platform, arch)?.isTested ?? false,
    cores: cpus().length,
    threads: wanted > 0 ? wanted : availableParallelism(),
    memoryMegabytes: megabytes(totalmem()),
    isOneDnnOn: env.TF_ENABLE_ONEDNN_OPTS !== "0",
    vectorExtensions: vectorExtensions(),
  };
};

const NO_CACHE = { folder: null, freeMegabytes: null, noexecMount: null, parts: [] };

const describeCache = async (machine: Machine): Promise<Diagnosis["cache"]> => {
  if (findCacheFolder(machine) === undefined) return NO_CACHE;
  const { root, libraries, binding, tfjsNode } = cachePaths(machine);
  const parts: CachePart[] = [];
  for (const [name, path] of Object.entries({
    libraries,
    binding,
    // If the package was installed with tfjs-node, that copy is used and the cache has none.
    "tfjs-node": findTfjsNode(tfjsNode) ?? tfjsNode,
  })) {
    parts.push({ name, path, megabytes: megabytes(await folderBytes(path)) });
  }
  const free = await freeBytes(existingParent(root)).catch(() => undefined);
  return {
    folder: root,
    freeMegabytes: free === undefined || free === Number.POSITIVE_INFINITY ? null : megabytes(free),
    noexecMount: noexecMount(root) ?? null,
    parts,
  };
};

/** Examines everything that the native engine depends on. It changes nothing and sets nothing up. */
export const diagnose = async (options: DiagnoseOptions): Promise<Diagnosis> => {
  const { machine } = options;
  const isSetUp = findCacheFolder(machine) !== undefined && findEngine(machine) !== undefined;
  const facts = {
    versions: await findVersions(options),
    machine: describeMachine(machine),
    cache: await describeCache(machine),
    engine: isSetUp ? await options.probe() : { isUsable: false, detail: "it is not set up" },
  };
  const hasWheel = wheelFor(machine.platform, machine.arch) !== undefined;
  const obstacle = hasWheel ? machineObstacle(machine) : "TensorFlow has no libraries for it";
  return { ...facts, problems: findProblems({ ...facts, isSetUp, obstacle }) };
};
