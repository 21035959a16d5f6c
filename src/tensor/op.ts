/** Any numeric function of tensors. It owns neither its arguments nor its results. */
// biome-ignore lint/suspicious/noExplicitAny: the parameter list of an arbitrary function; only `never` or `any` fits all.
type Kernel = (...args: any[]) => unknown;

/** An operation. Calling it runs the registered kernel, if any; `plain` is always the reference implementation. */
export type Op<F extends Kernel> = F & { readonly opName: string; readonly plain: F };

const nativeKernels = new Map<string, Kernel>();
let plainOnly = false;

/**
 * Defines an operation by its reference implementation: TensorFlow.js ops, which run on every backend and define the
 * result. An engine may register a faster kernel under the same name.
 */
export const defineOp = <F extends Kernel>(opName: string, plain: F): Op<F> => {
  const dispatch = (...args: Parameters<F>): ReturnType<F> => {
    const kernel = plainOnly ? plain : (nativeKernels.get(opName) ?? plain);
    // The cast is safe: registerKernel ties each name to the signature of its op.
    return kernel(...args) as ReturnType<F>;
  };
  return Object.assign(dispatch as F, { opName, plain });
};

/** Registers a kernel for an operation; it has to give the same results as the reference implementation. */
export const registerKernel = <F extends Kernel>(op: Op<F>, kernel: F): void => {
  nativeKernels.set(op.opName, kernel);
};

/** Removes all registered kernels, before another engine registers its own. */
export const clearKernels = (): void => nativeKernels.clear();

/** Turns all registered kernels off or on again, for comparison and debugging. */
export const usePlainOps = (on: boolean): void => {
  plainOnly = on;
};

/** The names of the operations that have a registered kernel. */
export const nativeOpNames = (): readonly string[] => [...nativeKernels.keys()];
