const DROP_FACTOR = 0.1;

/**
 * The learning rate in an epoch (from 1): the start value times 0.1 for every drop that is reached.
 * Multiplied one drop after the other in double precision, as the original does.
 * Example: 0.01 with drops 80, 130 is 0.01 in epoch 79, 0.001 from 80 on, 0.0001 from 130 on.
 */
export const learningRateAt = (epoch: number, start: number, drops: readonly number[]): number =>
  drops.filter((drop) => epoch >= drop).reduce((rate) => rate * DROP_FACTOR, start);
