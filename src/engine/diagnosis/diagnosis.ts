/** Something that is wrong, and what to do about it. */
export interface Problem {
  readonly what: string;
  readonly remedy: string;
}

/** A part of the engine: in the cache, or tfjs-node where it is installed. */
export interface CachePart {
  readonly name: string;
  readonly path: string;
  /** Megabytes (10^6 bytes) on the disk; 0 where the part is missing. */
  readonly megabytes: number;
}

/** What `qprune doctor` finds out. A version is null where the program is missing. */
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
    /** How many threads TensorFlow takes for one operation. */
    readonly threads: number;
    readonly memoryMegabytes: number;
    /** Whether TensorFlow runs its operations through oneDNN, as qprune asks it to unless TF_ENABLE_ONEDNN_OPTS is 0. */
    readonly isOneDnnOn: boolean;
    readonly vectorExtensions: readonly string[];
  };
  readonly cache: {
    /** Null where the user has no place for one. */
    readonly folder: string | null;
    readonly freeMegabytes: number | null;
    /** The mount point of its disk if that is mounted noexec: no engine can be loaded from it. */
    readonly noexecMount: string | null;
    readonly parts: readonly CachePart[];
  };
  readonly engine: { readonly isUsable: boolean; readonly detail: string };
  readonly problems: readonly Problem[];
}
