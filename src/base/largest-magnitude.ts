/** The largest magnitude of numbers; 0 if there are none. */
export const largestMagnitude = (numbers: ArrayLike<number>): number => {
  let largest = 0;
  for (let at = 0; at < numbers.length; at++) {
    const magnitude = Math.abs(numbers[at] as number);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
};
