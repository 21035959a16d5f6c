/**
 * McNemar's exact test, two-sided. Of `b + c` changed images, each as likely to become right as wrong, it is the probability
 * that at most min(b, c) go either way:
 * p = min(1, 2 sum_{k <= min(b, c)} C(b + c, k) / 2^(b + c)).
 * Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages" (1947), with
 * the binomial distribution instead of the chi-square approximation.
 */
export const mcnemarP = (becameRight: number, becameWrong: number): number => {
  const changed = becameRight + becameWrong;
  const fewer = Math.min(becameRight, becameWrong);
  // In logarithms, since 2^changed overflows from 1024 images on.
  let logTerm = -changed * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((changed - k + 1) / k);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, 2 * sum);
};
