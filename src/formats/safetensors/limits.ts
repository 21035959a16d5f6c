/** The header's largest size; the format's own reference reader has the same limit. */
export const MAX_HEADER_BYTES = 100_000_000;

/** The largest file: Node.js reads at most 2 GiB at once, and a net of this kind takes a few MB. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Tensors in a file: the largest published models have some ten thousand, these nets under a hundred. */
export const MAX_TENSORS = 100_000;

/** Characters of a tensor's name: a path of nested modules; the longest in use stay under 200. */
export const MAX_NAME_LENGTH = 1024;

/** Dimensions of a tensor: NumPy and PyTorch allow no more. */
export const MAX_DIMS = 64;

/** Characters of all metadata keys and values together: a few settings; room for a log or a licence. */
export const MAX_METADATA_LENGTH = 16_000_000;
