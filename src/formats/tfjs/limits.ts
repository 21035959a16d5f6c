/** Bytes of model.json (CWE-770): the graph without its weights; the largest published ones have a few MB. */
export const MAX_JSON_BYTES = 64_000_000;

/** Nodes, layers and tensors of a model (CWE-770). */
export const MAX_PARTS = 100_000;

/** Files with weights (CWE-770); TensorFlow.js writes one for every 4 MB. */
export const MAX_SHARDS = 1000;
