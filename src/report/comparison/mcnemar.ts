/**
 * McNemar's exact test, two-sided: the probability that of `changed = b + c` images, each as likely to become right
 * as wrong, at most min(b, c) go the rarer way, or as few the other way:
 * p = min(1, 2 sum_{k <= min(b, c)} C(b + c, k) / 2^(b + c)).
 * Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages"
 * (1947), with the binomial distribution in place of its chi-square.
 */
export const mcnemarP = (becameRight: number, becameWrong: number): number => {
  const changed = becameRight + becameWrong;
  const fewer = Math.min(becameRight, becameWrong);
  // In logarithms: 2^changed overflows from 1024 images on.
  let logTerm = -changed * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((changed - k + 1) / k);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, 2 * sum);
};
