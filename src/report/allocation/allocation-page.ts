import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH, renderChart } from "../charts/render-chart.js";
import { html, trusted } from "../html.js";
import type { Allocation } from "./allocation.js";

const STYLE = `
:root { color-scheme: light dark; --text: light-dark(#222, #eee); --muted: light-dark(#666, #aaa); --line: light-dark(#ddd, #444);
  --series-0: #4477aa; --series-1: #cc6677; --series-2: #228833; }
body { margin: 0 auto; max-width: 720px; padding: 20px 16px 48px; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; }
`;

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The least predicted rise of the loss by bytes, with those of uniform bits. */
const tradeOffChart = ({ tradeOff, uniform, chosen }: Allocation): TopLevelSpec => {
  const encoding = {
    x: { field: "kilobytes", type: "quantitative", axis: { title: "kernels, kB" } },
    y: {
      field: "loss",
      type: "quantitative",
      scale: { type: "log" },
      axis: { title: "predicted rise of the loss" },
    },
    color: { field: "plan", type: "nominal", legend: { title: null } },
  } as const;
  const point = (plan: string, bytes: number, loss: number) => ({
    plan,
    kilobytes: bytes / 1000,
    loss: Math.max(loss, 1e-12),
  });
  const line = tradeOff.map(({ bytes, predictedLoss }) => point("allocated", bytes, predictedLoss));
  const points = [
    ...uniform.map(({ bytes, predictedLoss }) => point("the same bits", bytes, predictedLoss)),
    point("chosen", chosen.bytes, chosen.predictedLoss),
  ];
  return {
    width: CHART_WIDTH,
    height: 240,
    layer: [
      { data: { values: line }, mark: { type: "line" }, encoding },
      { data: { values: points }, mark: { type: "point", filled: true, size: 60 }, encoding },
    ],
  };
};

/** An allocation as one self-contained HTML page with a chart. @throws QpruneError if the library for charts is not installed. */
export const allocationPage = async (allocation: Allocation): Promise<string> => {
  const { model, images, chosen, float } = allocation;
  const chart = await renderChart(tradeOffChart(allocation));
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>qprune: bits of ${model}</title>
<style>${trusted(STYLE)}</style></head><body>
<h1>Bits of ${model}</h1>
<p>${chosen.bytes} bytes of kernels; on ${images} held-out images ${chosen.accuracy.toFixed(2)}% with these bits, ${float.accuracy.toFixed(2)}% in float.</p>
${trusted(chart)}
</body></html>
`.html;
};
