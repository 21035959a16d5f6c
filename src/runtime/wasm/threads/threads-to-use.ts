import { QpruneError } from "../../../base/errors.js";

/** How many threads to compute with; `auto`: one for each core, up to 8. */
export type ThreadsOption = number | "auto";

const MOST_AUTO = 8;
const MOST_THREADS = 64;

interface Host {
  readonly SharedArrayBuffer?: unknown;
  /** Only in pages and their workers. */
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly process?: {
    readonly getBuiltinModule?: (name: "node:os") => {
      readonly availableParallelism: () => number;
    };
  };
}

const coresOf = ({ process, navigator }: Host): number =>
  process?.getBuiltinModule?.("node:os").availableParallelism() ??
  navigator?.hardwareConcurrency ??
  1;

/** Why threads cannot share memory; undefined if they can. */
const obstacleOf = (host: Host): string | undefined => {
  if (host.crossOriginIsolated === false)
    return "the page is not cross-origin isolated: its server does not send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
  return host.SharedArrayBuffer === undefined ? "the engine has no SharedArrayBuffer" : undefined;
};

/** The threads that a net gets, and why they are fewer than asked for. */
export interface ThreadsToUse {
  readonly threads: number;
  readonly obstacle?: string | undefined;
}

/**
 * The threads that an option means here.
 * @throws QpruneError if it is neither `auto` nor a number of threads.
 */
export const threadsToUse = (
  option: ThreadsOption,
  host: Host = globalThis as Host,
): ThreadsToUse => {
  const isNumber =
    Number.isInteger(option) && Number(option) >= 1 && Number(option) <= MOST_THREADS;
  if (option !== "auto" && !isNumber)
    throw new QpruneError(`A net cannot compute with ${String(option)} threads.`, {
      hint: `Set threads to "auto", or to a whole number from 1 to ${MOST_THREADS}.`,
    });
  const threads = option === "auto" ? Math.min(coresOf(host), MOST_AUTO) : Number(option);
  const obstacle = threads > 1 ? obstacleOf(host) : undefined;
  return obstacle ? { threads: 1, obstacle } : { threads };
};
