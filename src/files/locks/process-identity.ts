import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Identifies a process among all processes of this machine and of those that share a disk with it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Distinguishes a process from a later one with the same id; "" if the system does not show it. */
  readonly startTime: string;
  readonly host: string;
  /** Changes when the machine boots; "" without /proc. */
  readonly boot: string;
  /** Containers number their processes from 1, each in its own namespace; "" without /proc. */
  readonly pidNamespace: string;
}

const orEmpty = (read: () => string): string => {
  try {
    return read();
  } catch {
    return "";
  }
};

/** Whether /proc is of this process's namespace; another one lists other processes under the same ids. */
const isProcOurs = (): boolean => orEmpty(() => readlinkSync("/proc/self")) === String(process.pid);

/** Start time of a process in kernel ticks; "dead" for one that has ended but is still listed. */
const startTimeOf = (pid: number): string => {
  if (!isProcOurs()) return "";
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The name in parentheses may contain spaces; the state follows it, and the start time is the 20th field from there.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "dead" : (fields[19] ?? "");
};

/** Whether a process with this id runs in this namespace, even another user's. */
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

/** Whether two processes share a namespace, so that one can look up the other by its id. */
export const areInOneSystem = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.host === other.host && one.boot === other.boot && one.pidNamespace === other.pidNamespace;

/** Whether a process of this system is still running. */
export const isStillRunning = ({ pid, startTime }: ProcessIdentity): boolean =>
  isProcessAlive(pid) && startTimeOf(pid) === startTime;
