const DROP_FACTOR = 0.1;

/**
 * The learning rate in an epoch (counted from 1): the initial rate times 0.1 for every drop reached. The factors are
 * multiplied one after the other in double precision, as in the reference scripts.
 * Example: 0.01 with drops at 80 and 130 is 0.01 up to epoch 79, 0.001 from 80 on, 0.0001 from 130 on.
 */
export const learningRateAt = (epoch: number, start: number, drops: readonly number[]): number =>
  drops.filter((drop) => epoch >= drop).reduce((rate) => rate * DROP_FACTOR, start);
