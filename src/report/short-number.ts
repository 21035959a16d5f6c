const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** Three digits with a suffix for thousands: 1234567 is 1.23M. */
export const shortNumber = (count: number): string => COMPACT.format(count);
