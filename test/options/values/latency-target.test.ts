import { expect, test } from "vitest";
import { latencyShare, latencyTarget } from "../../../src/options/values/latency-target.js";

test("a share of the net's own time does not depend on it", () => {
  expect(latencyShare("0.5x", 8)).toBe(0.5);
  expect(latencyShare(".25x" as "0.25x", 8)).toBe(0.25);
});

test("milliseconds are a share of the measured time", () => {
  expect(latencyShare("2ms", 8)).toBe(0.25);
});

test.each(["0.5", "0x", "2x", "-1ms", "fast", "", "5s"])("%j is refused", (text) => {
  const { success, error } = latencyTarget().safeParse(text);
  expect(success).toBe(false);
  expect(error?.issues[0]?.message).toContain("as in 0.5x, or milliseconds");
});
