/** The greatest common divisor of two counts; of 0 and a count it is the count. */
export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** The least common multiple of two counts. */
export const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b;
