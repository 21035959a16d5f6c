import { type Html, html } from "../../../html.js";
import { againstFirst } from "../../against-first.js";
import { chanceText, pointsText, ratioText } from "../../against-first-text.js";
import type { ComparedNet, Comparison } from "../../comparison.js";
import { key } from "../legend.js";

const changesText = (becameRight: number, becameWrong: number): string =>
  `${becameRight} became right, ${becameWrong} wrong`;

const measureOf = ({ test }: ComparedNet): string => (test?.detection ? "mAP@0.5" : "accuracy");

const netRow = (first: ComparedNet, net: ComparedNet, index: number, images: number): Html => {
  const { accuracy, ...ratios } = againstFirst(first, net);
  const cell = (name: string, text: string): Html =>
    html`<td><span class="own-key">${name}</span>${text}</td>`;
  const points =
    accuracy === null
      ? html``
      : html`<td><span class="own-key">${measureOf(net)}</span><span>${pointsText(accuracy.points)}<small>${chanceText(accuracy, images)}; ${changesText(accuracy.becameRight, accuracy.becameWrong)}</small></span></td>`;
  return html`<tr><th scope="row">${key(net.label, index)}</th>${points}${cell("packed", ratioText(ratios.packedRatio))}${cell("MACs", ratioText(ratios.macsRatio))}${cell("peak act.", ratioText(ratios.peakActivationRatio))}</tr>`;
};

/** The differences of each net from the first one. */
export const againstSection = ({ nets, images }: Comparison): Html => {
  const [first, ...others] = nets;
  if (!first) return html``;
  const count = images.kind === "tested" ? images.count : 0;
  const accuracy = count > 0 ? html`<th scope="col">${measureOf(first)}</th>` : html``;
  const chance =
    count > 0
      ? html`<p class="note">Not significant: two equally good nets would differ this much in at least one of twenty cases (McNemar's exact test on the images that became right or wrong).</p>`
      : html``;
  return html`<section><h2>Compared with ${first.label}</h2>${chance}
<table class="against"><thead><tr><td></td>${accuracy}<th scope="col">packed size</th><th scope="col">MACs</th><th scope="col">peak activations</th></tr></thead>
<tbody>${others.map((net, index) => netRow(first, net, index + 1, count))}</tbody></table></section>`;
};
