const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** Three digits and a prefix of a thousand: 1234567 is 1.23M. */
export const shortNumber = (count: number): string => COMPACT.format(count);
