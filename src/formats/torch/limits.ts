/** Tensors in a file (CWE-770): these nets have under a hundred, or three times as many with Adam's moments. */
export const MAX_TENSORS = 20_000;

/** Entries of a zip file (CWE-770): a storage per tensor and a few entries that describe the file. */
export const MAX_ZIP_ENTRIES = MAX_TENSORS + 100;

/** Bytes of the pickle (CWE-770): about 200 per tensor, and qprune's metadata may contain some MB of ternary codes. */
export const MAX_PICKLE_BYTES = 32_000_000;

/**
 * Bytes of all tensors as a multiple of the file's size (CWE-409). Tied weights use the same bytes under two names
 * and views may overlap, but strides of 0 would let a small file require any amount of memory.
 */
export const MAX_EXPANSION = 4;

/** Nested dicts and lists around a state dict (CWE-674); programs nest two or three. */
export const MAX_DEPTH = 16;

/** Dicts of tensors that are searched for (CWE-400); an error message lists no more. */
export const MAX_CANDIDATES = 20;
