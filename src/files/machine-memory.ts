import { totalmem } from "node:os";

/**
 * Bytes that this process may use: the machine's memory, or less if a container (cgroup) sets a limit. Without a limit,
 * Node reports a huge number or 0.
 */
export const machineMemory = (): number =>
  Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
