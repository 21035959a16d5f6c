import { totalmem } from "node:os";

/**
 * Bytes that this process may use: the machine's memory, or less where a container (cgroup) sets a limit.
 * Node names a huge number where there is none.
 */
export const machineMemory = (): number =>
  Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
