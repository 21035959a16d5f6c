/** Values on the stack: writers put at most a thousand items of a list or dict there at once. */
export const MAX_STACK = 100_000;

/** Remembered values: torch.save remembers about ten for each tensor. */
export const MAX_MEMO = 500_000;

/**
 * Containers, texts and rebuilt objects of a whole pickle: about ten for each tensor, one for each name
 * of an image. A dict takes some 200 bytes of memory, so the hungriest pickle takes about 100 MB.
 */
export const MAX_OBJECTS = 500_000;

/** Characters of a module's or a global's name: the longest of PyTorch's own stay under 100. */
export const MAX_GLOBAL_NAME = 256;

/** Different globals of a pickle: a checkpoint with every class of a large program has some hundreds. */
export const MAX_GLOBALS = 10_000;

/** The latest protocol that is read; torch.save writes 2 unless told otherwise, Python's default was 4 for long. */
export const MAX_PROTOCOL = 4;
