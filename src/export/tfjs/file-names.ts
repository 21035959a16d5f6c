export const MODEL_FILE = "model.json";

/** The name of a weight file; TensorFlow.js's own converter calls them so. */
export const shardName = (at: number, count: number): string =>
  `group1-shard${at + 1}of${count}.bin`;

/** What {@link shardName} gives. */
export const SHARD_NAME = /^group1-shard\d+of\d+\.bin$/;
