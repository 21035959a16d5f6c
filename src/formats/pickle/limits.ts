/** Values on the stack (CWE-770); writers push at most a thousand items of a list or dict at once. */
export const MAX_STACK = 100_000;

/** Memoized values (CWE-770); torch.save memoizes about ten per tensor. */
export const MAX_MEMO = 500_000;

/**
 * Containers, strings and rebuilt objects of a pickle (CWE-770): about ten per tensor, one per image name.
 * A dict takes some 200 bytes of memory, so the most expensive pickle takes about 100 MB.
 */
export const MAX_OBJECTS = 500_000;

/** Characters of a module or global name (CWE-770); the longest ones in PyTorch have fewer than 100. */
export const MAX_GLOBAL_NAME = 256;

/** Distinct globals of a pickle (CWE-770); a checkpoint with every class of a large program has a few hundred. */
export const MAX_GLOBALS = 10_000;

/** The newest protocol that is read. torch.save writes 2 by default; 4 was Python's default until 3.14. */
export const MAX_PROTOCOL = 4;
