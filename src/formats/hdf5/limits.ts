/** Headers, messages and entries of groups that are read (CWE-400): addresses may form cycles; the largest Keras files have 10,000. */
export const MAX_PARTS = 500_000;

/** Levels of the tree of a group (CWE-674); each level has at least twice as many entries. */
export const MAX_LEVELS = 12;

/** Bytes of all texts of attributes (CWE-770): the configuration of a model as JSON, and names. */
export const MAX_TEXT_BYTES = 64_000_000;

/** Texts of one attribute (CWE-770): the names of the layers of a model. */
export const MAX_TEXTS = 100_000;

/** Dimensions of a data set (CWE-770). */
export const MAX_RANK = 16;
