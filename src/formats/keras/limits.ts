/** Entries of a .keras archive (CWE-770): Keras writes three, and one for each file of a layer's vocabulary. */
export const MAX_ENTRIES = 1000;

/** Characters of an entry's name. */
export const MAX_NAME_LENGTH = 1000;

/** Bytes of the configuration as JSON (CWE-770); the largest published models have a few MB. */
export const MAX_CONFIG_BYTES = 64_000_000;
