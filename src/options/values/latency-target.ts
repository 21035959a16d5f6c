import { z } from "zod";

/** A time for one batch: a share of that of the whole net, or milliseconds. */
export type LatencyTarget = `${number}x` | `${number}ms`;

const NUMBER = /^(\d+(?:\.\d+)?|\.\d+)(x|ms)$/;

/** The number and the unit of a target; undefined if it is something else. */
const partsOf = (text: string): readonly [number: number, unit: "x" | "ms"] | undefined => {
  const [, number, unit] = NUMBER.exec(text.trim()) ?? [];
  const value = Number(number);
  const isValid = value > 0 && (unit === "ms" || value <= 1);
  return isValid ? [value, unit === "x" ? "x" : "ms"] : undefined;
};

/** A share of the time of the whole net, `0.5x`, or milliseconds, `3ms`. */
export const latencyTarget = () =>
  z.custom<LatencyTarget>((raw) => typeof raw === "string" && partsOf(raw) !== undefined, {
    error: "expected a share of the net's own time, as in 0.5x, or milliseconds, as in 3ms",
  });

/** The share of a time in milliseconds that a target leaves. */
export const latencyShare = (target: LatencyTarget, wholeMs: number): number => {
  const [value, unit] = partsOf(target) ?? [Number.NaN, "x"];
  return unit === "x" ? value : value / wholeMs;
};
