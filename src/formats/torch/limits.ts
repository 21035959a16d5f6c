/** Tensors in a file: one of these nets has under a hundred, with Adam's moments three times as many. */
export const MAX_TENSORS = 20_000;

/** Entries of a zip file: a storage for each tensor, and a handful that say what the file is. */
export const MAX_ZIP_ENTRIES = MAX_TENSORS + 100;

/** The pickle takes about 200 bytes for each tensor; qprune's metadata may hold some MB of ternary codes. */
export const MAX_PICKLE_BYTES = 32_000_000;

/**
 * Bytes of all tensors, in multiples of the file's own. Tied weights have two names for the same bytes, and
 * views repeat some; but a stride of 0 would let a small file claim any amount of memory.
 */
export const MAX_EXPANSION = 4;

/** Dicts and lists around a state dict; programs nest two or three. */
export const MAX_DEPTH = 16;

/** Dicts of tensors that are looked for: more are not named to anyone. */
export const MAX_CANDIDATES = 20;
