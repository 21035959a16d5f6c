/**
 * Parts of lists that are decoded (CWE-770): nodes with their inputs, outputs and attributes. The largest published
 * classifiers have 50,000.
 */
export const MAX_MESSAGES = 400_000;

/** Numbers in lists of attributes and shapes (CWE-770); a list has a few, and tables of constants are tensors. */
export const MAX_LIST_NUMBERS = 1_000_000;

/** Bytes of all names and texts that are decoded (CWE-770); a name is a path of nested modules. */
export const MAX_TEXT_BYTES = 32_000_000;

/** Integers of a tensor that is stored as varints (CWE-770): shapes and indices, not weights. */
export const MAX_VARINTS = 1_000_000;

/** Dimensions of a tensor (CWE-770); nets of images have up to six. */
export const MAX_DIMS = 16;
