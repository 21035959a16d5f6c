import type { ComparedNet } from "../comparison.js";
import { bytesText } from "../metrics.js";
import { commandText } from "./command-text.js";
import { type Html, html } from "./html.js";
import { fileKey } from "./key.js";
import { withPaths } from "./path-text.js";
import { untrainedText } from "./untrained-text.js";

const commandsOf = (net: ComparedNet): Html => {
  const { history } = net;
  return history.kind === "found"
    ? html`<pre>${history.commands.map(commandText)}</pre>`
    : html`<p class="note">No calls: ${withPaths(untrainedText(net))}</p>`;
};

const fileCard = (net: ComparedNet, at: number): Html => {
  const { label, file, arch, form, quantization, fileBytes } = net;
  return html`<div class="file"><h3>${fileKey(label, file, at)}</h3>
<p class="note">${arch}, ${form}; ${quantization}. The file has ${bytesText(fileBytes)}; with float32 activations their peak would be ${bytesText(net.peakActivationFloat32Bytes)}.</p>${commandsOf(net)}</div>`;
};

/** What every file is, and the commands that made it. */
export const filesSection = (nets: readonly ComparedNet[]): Html =>
  html`<section><h2>Files</h2>
<p class="note">With the calls that made them, the first one first.</p>${nets.map(fileCard)}</section>`;
