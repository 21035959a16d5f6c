/** Bytes of the header (CWE-770); the reference implementation has the same limit. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bytes of a file (CWE-770): Node.js reads at most 2 GiB at once, and these nets take a few MB. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Tensors in a file (CWE-770): the largest published models have about ten thousand, these nets under a hundred. */
export const MAX_TENSORS = 100_000;

/** Characters of a tensor's name, a path of nested modules (CWE-770); the longest in use have fewer than 200. */
export const MAX_NAME_LENGTH = 1024;

/** Dimensions of a tensor (CWE-770): the maximum of NumPy and PyTorch. */
export const MAX_DIMS = 64;

/** Characters of all metadata keys and values (CWE-770): a few settings, with room for a log or a license. */
export const MAX_METADATA_LENGTH = 16_000_000;
