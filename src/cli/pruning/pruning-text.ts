import chalk from "chalk";
import { shownNames } from "../../base/shown-names.js";
import type { NetCost } from "../../graph/cost.js";
import { isFullPrecision } from "../../graph/quantizers.js";
import { widthsOf } from "../../models/chains/chain-spec.js";
import { isChain, type NetSpec } from "../../models/net-spec.js";
import { shellCommand } from "../../options/names/shell-command.js";
import type { ConstantReport } from "../../prune/apply/fold-constants.js";
import type { PruneReason } from "../../prune/plan/plan.js";
import { textTable } from "../../report/text-table.js";
import type { PrunedLayer, PruningResult } from "../../workflows/pruning/pruning-result.js";
import { measureName } from "../texts/measure-name.js";
import { untestedText } from "../texts/untested-text.js";
import { pruningNoticeText } from "./pruning-notice-text.js";

const REASONS: Readonly<Record<PruneReason, string>> = {
  emptied: "none was above the threshold; the most important one is kept",
  minimum: "raised to the minimum",
  multiple: "rounded to a multiple",
  groups: "made divisible by the groups",
  shuffle: "the nearest width that fits the channel shuffle",
  "own group": "ranked within groups",
};

const channels = (count: number): string => `${count} channel${count === 1 ? "" : "s"}`;

const layerNote = (layer: PrunedLayer): string => {
  const { above, keptBelow, prunedAbove, reasons, originalKept, kept } = layer;
  const changes = [
    ...(keptBelow > 0 ? [`+${keptBelow}`] : []),
    ...(prunedAbove > 0 ? [`-${prunedAbove}`] : []),
  ].join(" ");
  const against = changes === "" ? [] : [`${above} above the threshold, ${changes}`];
  const original =
    originalKept === undefined || originalKept === kept
      ? []
      : [`the reference scripts would keep ${originalKept}`];
  return [...against, ...reasons.map((reason) => REASONS[reason]), ...original].join("; ");
};

/** Layers of one row; the first norm identifies a convolution of a chain. */
const layerName = ({ spec }: PruningResult, { name, names }: PrunedLayer): string =>
  isChain(spec) ? name : shownNames(names, 1);

const layerTable = (result: PruningResult): string =>
  textTable(
    [
      { title: "conv", isNumber: true },
      { title: isChain(result.spec) ? "norm" : "layers" },
      { title: "total", isNumber: true },
      { title: "remaining", isNumber: true },
      { title: "pruned_ratio", isNumber: true },
      { title: "" },
    ],
    result.layers.map((layer) => [
      String(layer.conv),
      layerName(result, layer),
      String(layer.total),
      String(layer.kept),
      ((layer.total - layer.kept) / layer.total).toFixed(3),
      chalk.dim(layerNote(layer)),
    ]),
  );

const inMillions = (count: number): string => (count / 1e6).toFixed(count < 1e6 ? 3 : 1);

const costTable = ({ before, after }: PruningResult): string => {
  const row = (label: string, cost: NetCost): string[] => [
    label,
    inMillions(cost.parameters),
    inMillions(cost.macs),
    inMillions(cost.bytes),
  ];
  const shares = (["parameters", "macs", "bytes"] as const).map(
    (key) => `${((100 * after[key]) / before[key]).toFixed(1)}%`,
  );
  return textTable(
    [
      { title: "" },
      { title: "parameters (M)", isNumber: true },
      { title: "MACs (M)", isNumber: true },
      { title: "float32 (MB)", isNumber: true },
    ],
    [row("before", before), row("after", after), ["left", ...shares]],
  );
};

const latencyText = ({ latency }: PruningResult): string => {
  if (!latency) return "";
  const { batch, beforeMs, afterMs } = latency;
  const [before, after] = [beforeMs, afterMs].map((time) => `${Number(time.toPrecision(3))} ms`);
  const share = (afterMs / beforeMs).toFixed(2);
  return `Time of a batch of ${batch} on this machine: ${before} before, ${after} after (${share}x)\n`;
};

const WHY_DROPPED = {
  padding: "next to padding",
  "average pool": "a padded average pool is in between",
  quantization: "the layer computes with quantized values",
  unwanted: "--no-absorb",
} as const;

const betaLine = ({ from, into, ...report }: ConstantReport): string => {
  const { channels: count, foldedInto, droppedBecause, effect } = report;
  const size =
    effect === null ? "" : `, up to ${effect.toFixed(2)} standard deviations of an output`;
  const what = `${shownNames(from, 1)}: ${channels(count)}${size}`;
  return droppedBecause === undefined
    ? `  ${what}: folded into ${foldedInto}`
    : `  ${what}: dropped before ${into} (${WHY_DROPPED[droppedBecause]})`;
};

const betaText = ({ betas }: PruningResult): string =>
  betas.length === 0
    ? ""
    : `Constant outputs of pruned channels:\n${betas.map((each) => `${betaLine(each)}\n`).join("")}`;

const testText = ({ tests, untested }: PruningResult): string => {
  if (!tests) {
    const isShown = untested && untested.because !== "dry run";
    return isShown ? `Not tested: ${untestedText(untested)}.\n` : "";
  }
  const percent = (accuracy: number): string => `${accuracy.toFixed(2)}%`;
  const { before, masked, pruned } = tests;
  return textTable(
    [
      { title: "" },
      { title: measureName(before), isNumber: true },
      { title: "loss", isNumber: true },
    ],
    [
      ["before", percent(before.accuracy), before.loss.toFixed(4)],
      ["pre-prune (masked)", percent(masked.accuracy), masked.loss.toFixed(4)],
      [`pruned (${pruned.count} images)`, percent(pruned.accuracy), pruned.loss.toFixed(4)],
    ],
  );
};

const shareText = ({ share, layers }: PruningResult): string => {
  if (share.kind === "layers") {
    const [first = 0, ...others] = share.percents;
    return others.every((percent) => percent === first)
      ? `percent ${Number(first.toFixed(4))} of the channels of each layer`
      : `percents ${share.percents.map((percent) => Number(percent.toFixed(4))).join(",")}`;
  }
  const total = layers.reduce((sum, layer) => sum + layer.total, 0);
  const threshold = layers[0]?.threshold ?? Number.NaN;
  const cut = Number.isFinite(threshold)
    ? `threshold ${threshold.toPrecision(4)}`
    : "nothing is pruned";
  return `percent ${Number(share.percent.toFixed(4))} of ${total} channels, ${cut}`;
};

const cfgText = (spec: NetSpec): string =>
  isChain(spec) ? `, cfg ${widthsOf(spec).join(",")}` : "";

const headline = (result: PruningResult): string => {
  const { model, spec, importance, multiple } = result;
  const how = shareText(result);
  const regular = multiple > 1 ? `, multiples of ${multiple}` : "";
  return `${chalk.bold(model)}: ${spec.arch}${cfgText(spec)}\nBy ${importance}: ${how}${regular}\n`;
};

/** The file of the smaller net, and the command that refines it on the same images. */
const endText = ({ smallSpec, file }: PruningResult, dataFlags: readonly string[]): string => {
  if (file === undefined) return "Nothing was saved (--dry-run).\n";
  const next = shellCommand(["prune", "--refine", file, ...dataFlags]);
  return `Saved ${file}\n${isFullPrecision(smallSpec.quantization) ? `Next: ${next}\n` : ""}`;
};

/** The result as text; `dataFlags` are the flags for the images in the suggested next command. */
export const pruningText = (result: PruningResult, dataFlags: readonly string[]): string => {
  const { layers, model, smallSpec, notices } = result;
  const [total, kept] = [
    layers.reduce((sum, layer) => sum + layer.total, 0),
    layers.reduce((sum, layer) => sum + layer.kept, 0),
  ];
  return [
    headline(result),
    ...notices.map((notice) => `${pruningNoticeText(notice, { model, dataFlags })}\n`),
    "\n",
    layerTable(result),
    `\nPruned ratio: ${((total - kept) / total).toFixed(4)}${cfgText(smallSpec)}\n\n`,
    costTable(result),
    latencyText(result),
    "\n",
    betaText(result),
    testText(result),
    endText(result, dataFlags),
  ].join("");
};
