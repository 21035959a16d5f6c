/** Any numeric function over tensors; it owns neither its arguments nor its results. */
// biome-ignore lint/suspicious/noExplicitAny: the parameter list of an arbitrary function; only `never` or `any` accept them all.
type Kernel = (...args: any[]) => unknown;

/** An operation: call it, and the fastest registered kernel runs; `plain` is always TensorFlow.js alone. */
export type Op<F extends Kernel> = F & { readonly opName: string; readonly plain: F };

const nativeKernels = new Map<string, Kernel>();
let plainOnly = false;

/**
 * Defines an operation by its plain twin, made of TensorFlow.js ops, which runs on every backend and
 * says what the operation means. An engine may register a faster kernel under the same name.
 */
export const defineOp = <F extends Kernel>(opName: string, plain: F): Op<F> => {
  const dispatch = (...args: Parameters<F>): ReturnType<F> => {
    const kernel = plainOnly ? plain : (nativeKernels.get(opName) ?? plain);
    // The registry is keyed by name; registerKernel ties each name to the signature of its op.
    return kernel(...args) as ReturnType<F>;
  };
  return Object.assign(dispatch as F, { opName, plain });
};

/** Registers the native kernel of an operation; it must give what the plain twin gives. */
export const registerKernel = <F extends Kernel>(op: Op<F>, kernel: F): void => {
  nativeKernels.set(op.opName, kernel);
};

/** Drops all native kernels, as when the pure JavaScript backend takes over. */
export const clearKernels = (): void => nativeKernels.clear();

/** True turns every native kernel off, so that plain twins run alone (for comparison and debugging). */
export const usePlainOps = (on: boolean): void => {
  plainOnly = on;
};

/** The names of the operations that have a native kernel at present. */
export const nativeOpNames = (): readonly string[] => [...nativeKernels.keys()];
