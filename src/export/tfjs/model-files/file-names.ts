export const MODEL_FILE = "model.json";

/** The name of a weight file, as TensorFlow.js's own converter names them. */
export const shardName = (index: number, count: number): string =>
  `group1-shard${index + 1}of${count}.bin`;

/** Matches names by {@link shardName}. */
export const SHARD_NAME = /^group1-shard\d+of\d+\.bin$/;
