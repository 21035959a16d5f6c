import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What tells a process from all others, on this machine and on those that share a disk with it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Tells a process from a later one with the same id; "" where the system does not show it. */
  readonly startTime: string;
  readonly host: string;
  /** Changes when the machine starts; "" where there is no /proc. */
  readonly boot: string;
  /** Containers count their processes from 1, each in its own namespace; "" where there is no /proc. */
  readonly pidNamespace: string;
}

const orEmpty = (read: () => string): string => {
  try {
    return read();
  } catch {
    return "";
  }
};

/** A /proc of another namespace lists other processes under the same ids, and says nothing about ours. */
const isProcOurs = (): boolean => orEmpty(() => readlinkSync("/proc/self")) === String(process.pid);

/** When a process started, in the kernel's ticks, and "dead" for one that has ended and is still listed. */
const startTimeOf = (pid: number): string => {
  if (!isProcOurs()) return "";
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The name in parentheses may hold spaces; the state follows it, and the start time is the 20th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "dead" : (fields[19] ?? "");
};

/** Whether a process of that id runs in this namespace (also another user's). */
export const isProcessAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** The running process. */
export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  startTime: startTimeOf(process.pid),
  host: hostname(),
  boot: orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
  pidNamespace: orEmpty(() => readlinkSync("/proc/self/ns/pid")),
});

/** Whether both count their processes together, so that one can look for the other by its id. */
export const areInOneSystem = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.host === other.host && one.boot === other.boot && one.pidNamespace === other.pidNamespace;

/** Whether a process of this system still runs. */
export const isStillRunning = ({ pid, startTime }: ProcessIdentity): boolean =>
  isProcessAlive(pid) && startTimeOf(pid) === startTime;
