import { expect, test } from "vitest";
import { confusionChart } from "../../../../src/report/comparison/page/charts/confusion-chart.js";
import { html } from "../../../../src/report/html.js";
import { madeUpComparison } from "../made-up-comparison.js";

test("text in a page is escaped: its signs, what cannot be seen, and what turns text around", () => {
  const name = "\u202egnp<script>\u001b";
  expect(html`<b title="${name}">${name}</b>`.html).toBe(
    '<b title="\\u202egnp&lt;script&gt;\\x1b">\\u202egnp&lt;script&gt;\\x1b</b>',
  );
});

test("names of classes in a chart have what cannot be seen escaped", () => {
  const { nets } = madeUpComparison();
  const test = nets.flatMap((net) => (net.test ? [net.test] : []))[0];
  if (!test) throw new Error("no net was tested");
  const chart = JSON.stringify(confusionChart(test, ["\u202ecat", "dog\u009b"]));
  expect(chart).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(chart).toContain("u202ecat");
});
