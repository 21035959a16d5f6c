/**
 * Counts the time of every TensorFlow op that a backend runs. Ops run on the calling thread, so the
 * time around a call is the op's own; what is left of a step is JavaScript.
 */
export const profileOps = (backend) => {
  let ops = new Map();
  for (const method of ["executeSingleOutput", "executeMultipleOutputs"]) {
    const original = backend[method].bind(backend);
    backend[method] = (name, ...rest) => {
      const start = performance.now();
      const result = original(name, ...rest);
      const entry = ops.get(name) ?? { ms: 0, calls: 0 };
      entry.ms += performance.now() - start;
      entry.calls++;
      ops.set(name, entry);
      return result;
    };
  }
  return {
    restart: () => {
      ops = new Map();
    },
    /** Milliseconds and calls a step, the costliest first. */
    shares: (steps) =>
      [...ops]
        .map(([name, { ms, calls }]) => ({
          name,
          msPerStep: ms / steps,
          callsPerStep: calls / steps,
        }))
        .sort((a, b) => b.msPerStep - a.msPerStep),
  };
};
