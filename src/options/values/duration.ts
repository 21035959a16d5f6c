import { z } from "zod";

const PARTS = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
/** Timers of Node.js count milliseconds in 31 bits. */
const MAX_SECONDS = 500 * 3600;

const toSeconds = (raw: unknown): unknown => {
  if (typeof raw !== "string") return raw;
  const parts = PARTS.exec(raw.trim());
  if (!parts) return Number.NaN;
  const [hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return 3600 * (hours ?? 0) + 60 * (minutes ?? 0) + (seconds ?? 0);
};

/** A duration as text, `2h30m`, `170m` or `45s`, in seconds; programs may give the seconds. */
export const duration = () =>
  z.preprocess(
    toSeconds,
    z.custom<number>((value) => typeof value === "number" && value > 0 && value <= MAX_SECONDS, {
      error: "expected a duration of up to 500 hours, as in 170m, 2h30m or 45s",
    }),
  );
