import { z } from "zod";
import { visibleText } from "../../base/visible-text.js";
import {
  areInOneSystem,
  isStillRunning,
  type ProcessIdentity,
  thisProcess,
} from "./process-identity.js";

const holderSchema = z.object({
  pid: z.number().int(),
  startTime: z.string(),
  host: z.string(),
  boot: z.string(),
  pidNamespace: z.string(),
  nonce: z.string(),
});

type StoredHolder = z.output<typeof holderSchema>;

/** The process that holds a lock, as far as the lock records it. */
export interface LockHolder {
  /** Its process id on its own system, where it is unique. */
  readonly pid: number | undefined;
  readonly host: string | undefined;
  /** Whether it runs in another container or on another machine, and so cannot be looked up. */
  readonly isElsewhere: boolean;
}

/** A lock's holder and its state; `unknown` is resolved by watching the lock. */
export interface LockState {
  readonly holder: LockHolder;
  readonly state: "alive" | "dead" | "unknown";
}

const parseHolder = (text: string): StoredHolder | undefined => {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** A holder as messages name it. */
export const holderName = ({ pid, host, isElsewhere }: LockHolder): string => {
  if (pid === undefined) return "an unknown process";
  return isElsewhere
    ? `process ${pid} in another container or on another machine (host ${visibleText(host ?? "")})`
    : `process ${pid}`;
};

/** A longer pause between two observations means that this process was suspended, perhaps together with the holder. */
const MAX_PAUSE_MS = 1_000;

interface Observation {
  readonly text: string;
  readonly nonce: string | undefined;
  readonly atMs: number;
  readonly silentForMs: number;
  readonly hasBeaten: boolean;
}

/**
 * Creates a function that determines a holder's state from the current text of its lock. A holder on this system is
 * looked up by its process id. Any other is alive while its heartbeats continue, and dead once the text has not
 * changed for `silentMs` of this process's time. Other machines' clocks, file times and time spent asleep are ignored.
 */
export const createLockWatch = (
  silentMs: number,
  self: ProcessIdentity = thisProcess(),
  now: () => number = () => performance.now(),
) => {
  let last: Observation | undefined;

  const stateByHeartbeats = (text: string, nonce: string | undefined): LockState["state"] => {
    const atMs = now();
    const isSame = last !== undefined && last.nonce === nonce;
    if (last !== undefined && last.text === text) {
      const silentForMs = last.silentForMs + Math.min(atMs - last.atMs, MAX_PAUSE_MS);
      last = { ...last, atMs, silentForMs };
    } else {
      last = { text, nonce, atMs, silentForMs: 0, hasBeaten: isSame && nonce !== undefined };
    }
    if (last.silentForMs >= silentMs) return "dead";
    return last.hasBeaten ? "alive" : "unknown";
  };

  return (text: string): LockState => {
    const stored = parseHolder(text);
    const isElsewhere = stored === undefined || !areInOneSystem(stored, self);
    const holder = { pid: stored?.pid, host: stored?.host, isElsewhere };
    if (!isElsewhere) return { holder, state: isStillRunning(stored) ? "alive" : "dead" };
    return { holder, state: stateByHeartbeats(text, stored?.nonce) };
  };
};
