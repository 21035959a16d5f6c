import { expect, test } from "vitest";
import { duration } from "../../../src/options/values/duration.js";

test.each([
  ["170m", 10200],
  ["2h30m", 9000],
  ["1h1m1s", 3661],
  ["45s", 45],
  [" 3h ", 10800],
  [0.5, 0.5],
])("%j is %d seconds", (raw, seconds) => {
  expect(duration().parse(raw)).toBe(seconds);
});

test.each(["", "170", "2.5h", "m", "30m2h", "0s", "-5m", "501h", "soon", null])(
  "%j is refused",
  (raw) => {
    expect(duration().safeParse(raw).error?.issues[0]?.message).toContain(
      "as in 170m, 2h30m or 45s",
    );
  },
);
