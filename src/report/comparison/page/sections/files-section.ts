import { formText } from "../../../form-text.js";
import { type Html, html } from "../../../html.js";
import type { ComparedNet } from "../../comparison.js";
import { bytesText } from "../../metrics.js";
import { fileKey } from "../legend.js";
import { withPaths } from "../path-text.js";
import { untrainedText } from "./untrained-text.js";

/** A command on a line of its own. It breaks between words, never at the hyphens of a flag. */
const commandText = (command: string): Html =>
  html`<span class="call">${command.split(" ").map((word, index) => html`${index === 0 ? "" : " "}<span class="word">${word}</span>`)}</span>`;

const commandsOf = (net: ComparedNet): Html => {
  const { history } = net;
  return history.kind === "found"
    ? html`<pre>${history.commands.map(commandText)}</pre>`
    : html`<p class="note">No commands: ${withPaths(untrainedText(net))}</p>`;
};

const fileCard = (net: ComparedNet, index: number): Html => {
  const { label, file, arch, form, quantization, fileBytes } = net;
  return html`<div class="file"><h3>${fileKey(label, file, index)}</h3>
<p class="note">${arch}, ${formText(form)}; ${quantization}. The file has ${bytesText(fileBytes)}; with float32 activations their peak would be ${bytesText(net.peakActivationFloat32Bytes)}.</p>${commandsOf(net)}</div>`;
};

/** A description of every file, with the commands that created it. */
export const filesSection = (nets: readonly ComparedNet[]): Html =>
  html`<section><h2>Files</h2>
<p class="note">With the commands that created them, in order.</p>${nets.map(fileCard)}</section>`;
