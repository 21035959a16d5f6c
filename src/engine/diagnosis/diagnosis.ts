import type { ErrorCode } from "../../base/error-codes.js";
import type { ProbeResult } from "./probe.js";

/** A problem and its remedy. */
export interface Problem {
  readonly what: string;
  readonly remedy: string;
  /** Selects the command line's remedy, which may name commands and flags. */
  readonly code?: ErrorCode;
}

/** A part of the engine: in the cache, or tfjs-node wherever it is installed. */
export interface CachePart {
  readonly name: string;
  readonly path: string;
  /** Megabytes (10^6 bytes) on disk; 0 if the part is missing. */
  readonly megabytes: number;
}

/** What the diagnosis of the native engine finds. A version is null if the program is missing. */
export interface Diagnosis {
  readonly versions: {
    readonly qprune: string;
    readonly node: string;
    readonly npm: string | null;
    readonly tfjs: string;
    readonly tensorflow: string;
    readonly compiler: string | null;
    readonly python: string | null;
    readonly pip: string | null;
  };
  readonly machine: {
    readonly platform: string;
    readonly arch: string;
    readonly isTested: boolean;
    readonly cores: number;
    /** Threads that TensorFlow uses for one operation. */
    readonly threads: number;
    readonly memoryMegabytes: number;
    /** Whether TensorFlow uses oneDNN; it does unless TF_ENABLE_ONEDNN_OPTS is 0. */
    readonly isOneDnnOn: boolean;
    readonly vectorExtensions: readonly string[];
  };
  readonly cache: {
    /** Null if the user has no folder for a cache. */
    readonly folder: string | null;
    readonly freeMegabytes: number | null;
    /** The mount point of the cache's disk if it is mounted noexec; no engine can be loaded from there. */
    readonly noexecMount: string | null;
    readonly parts: readonly CachePart[];
  };
  readonly engine: ProbeResult;
  readonly problems: readonly Problem[];
}
