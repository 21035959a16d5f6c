import { describe, expect, test } from "vitest";
import { lossChart } from "../../src/report/loss-chart.js";

const POINTS = Array.from({ length: 71 }, (_, at) => ({
  learningRate: 10 ** (-6 + at / 10),
  loss: at < 50 ? 2 - at / 50 : 1 + (at - 50) / 7,
}));

describe("the chart of losses over learning rates", () => {
  test("has bars between the lowest and the highest loss, and marks the chosen rate", () => {
    const lines = lossChart(POINTS, 0.01, 80);
    expect(lines).toHaveLength(8);
    expect(lines[0]?.slice(0, 9)).toBe("    3.786");
    expect(lines[5]?.slice(0, 9)).toBe("    1.020");
    expect(lines[6]?.trim()).toMatch(/^1e-6 +10$/);
    // 0.01 is 4 of 7 decades along 60 columns.
    expect(lines[7]?.indexOf("↑")).toBe(10 + Math.round((4 / 7) * 59));
    expect(lines[7]).toContain("0.01");
    // Every column has a bar in the lowest row.
    expect(lines[5]?.slice(10)).toMatch(/^[▁▂▃▄▅▆▇█]{60}$/);
  });

  test.each([12, 20, 40, 200])("fits a terminal of %i columns", (width) => {
    for (const line of lossChart(POINTS, 0.01, width).slice(0, 6))
      expect(line.length).toBeLessThanOrEqual(width);
  });

  test("has one column for a single point", () => {
    const lines = lossChart([{ learningRate: 1e-6, loss: 2 }], 1e-7, 80);
    expect(lines[0]?.trim()).toBe("2.000");
    expect(lines[7]).toContain("↑ 1e-7");
  });
});
