import { z } from "zod";
import { visibleText } from "../base/visible-text.js";
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

/** Who holds a lock, as far as it says. */
export interface LockHolder {
  /** Its id where it runs: another process may have the same one here. */
  readonly pid: number | undefined;
  readonly host: string | undefined;
  /** Whether it cannot be seen from here: it runs in another container or on another machine. */
  readonly isElsewhere: boolean;
}

/** What is known of a lock's holder; `unknown` is decided by what happens to the lock from now on. */
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

/** The name of a holder in a sentence. */
export const holderName = ({ pid, host, isElsewhere }: LockHolder): string => {
  if (pid === undefined) return "a process that is not named in it";
  return isElsewhere
    ? `process ${pid} of another container or machine, host ${visibleText(host ?? "")}`
    : `process ${pid}`;
};

/** A longer pause between two looks was a pause of this process, in which the holder may have been stopped too. */
const LONGEST_LOOK_MS = 1_000;

interface Sight {
  readonly text: string;
  readonly nonce: string | undefined;
  readonly atMs: number;
  readonly quietMs: number;
  readonly hasBeaten: boolean;
}

/**
 * Judges the text of a lock at each look. A holder of this system is looked for by its id. Of any other, only the
 * lock itself tells: it is alive when its beats go on, and dead when nothing has changed for `silentMs` of this
 * process's own time. Clocks of other machines and times of files do not count, nor does the time a machine slept.
 */
export const createLockWatch = (
  silentMs: number,
  self: ProcessIdentity = thisProcess(),
  now: () => number = () => performance.now(),
) => {
  let last: Sight | undefined;

  const byBeats = (text: string, nonce: string | undefined): LockState["state"] => {
    const atMs = now();
    const isSame = last !== undefined && last.nonce === nonce;
    if (last !== undefined && last.text === text) {
      const quietMs = last.quietMs + Math.min(atMs - last.atMs, LONGEST_LOOK_MS);
      last = { ...last, atMs, quietMs };
    } else {
      last = { text, nonce, atMs, quietMs: 0, hasBeaten: isSame && nonce !== undefined };
    }
    if (last.quietMs >= silentMs) return "dead";
    return last.hasBeaten ? "alive" : "unknown";
  };

  return (text: string): LockState => {
    const stored = parseHolder(text);
    const isElsewhere = stored === undefined || !areInOneSystem(stored, self);
    const holder = { pid: stored?.pid, host: stored?.host, isElsewhere };
    if (!isElsewhere) return { holder, state: isStillRunning(stored) ? "alive" : "dead" };
    return { holder, state: byBeats(text, stored?.nonce) };
  };
};
