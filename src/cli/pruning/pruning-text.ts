import chalk from "chalk";
import type { NetCost } from "../../graph/cost.js";
import { isFullPrecision } from "../../graph/quantizers.js";
import { widthsOf } from "../../models/chains/chain-spec.js";
import { shellCommand } from "../../options/names/shell-command.js";
import type { BetaReport } from "../../prune/absorb-betas.js";
import type { PruneReason } from "../../prune/plan.js";
import { textTable } from "../../report/text-table.js";
import type { PrunedLayer, PruningResult } from "../../workflows/pruning/pruning-result.js";
import { untestedText } from "../texts/untested-text.js";
import { pruningNoticeText } from "./pruning-notice-text.js";

const REASONS: Readonly<Record<PruneReason, string>> = {
  emptied: "none was above the threshold; the most important one is kept",
  multiple: "rounded to a multiple",
  groups: "made divisible by the groups",
  cells: "the nearest width that fits the channel shuffle",
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

const layerTable = ({ layers }: PruningResult): string =>
  textTable(
    [
      { title: "conv", isNumber: true },
      { title: "norm" },
      { title: "total", isNumber: true },
      { title: "remaining", isNumber: true },
      { title: "pruned_ratio", isNumber: true },
      { title: "" },
    ],
    layers.map((layer) => [
      String(layer.conv),
      layer.name,
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

const WHY_DROPPED = {
  padding: "the next convolution is padded",
  "average pool": "a padded average pool is in between",
  quantization: "the next convolution computes with quantized values",
  unwanted: "--no-absorb",
} as const;

const betaLine = ({ conv, channels: count, droppedBecause, effect }: BetaReport): string => {
  const size = `up to ${effect.toFixed(2)} standard deviations of an output`;
  const what = `conv ${conv}: ${channels(count)}, ${size}`;
  return droppedBecause === undefined
    ? `  ${what}: folded into the bias of conv ${conv + 1}`
    : `  ${what}: dropped (${WHY_DROPPED[droppedBecause]})`;
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
    [{ title: "" }, { title: "accuracy", isNumber: true }, { title: "loss", isNumber: true }],
    [
      ["before", percent(before.accuracy), before.loss.toFixed(4)],
      ["pre-prune (masked)", percent(masked.accuracy), masked.loss.toFixed(4)],
      [`pruned (${pruned.count} images)`, percent(pruned.accuracy), pruned.loss.toFixed(4)],
    ],
  );
};

const shareText = ({ share, layers }: PruningResult): string => {
  if (share.kind === "layers") return `percents ${share.percents.join(",")}`;
  const total = layers.reduce((sum, layer) => sum + layer.total, 0);
  const threshold = layers[0]?.threshold ?? Number.NaN;
  const cut = Number.isFinite(threshold)
    ? `threshold ${threshold.toPrecision(4)}`
    : "nothing is pruned";
  return `percent ${Number(share.percent.toFixed(4))} of ${total} channels, ${cut}`;
};

const headline = (result: PruningResult): string => {
  const { model, spec, importance, multiple } = result;
  const how = shareText(result);
  const regular = multiple > 1 ? `, multiples of ${multiple}` : "";
  return `${chalk.bold(model)}: ${spec.arch}, cfg ${widthsOf(spec).join(",")}\nBy ${importance}: ${how}${regular}\n`;
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
    `\nPruned ratio: ${((total - kept) / total).toFixed(4)}, cfg ${widthsOf(smallSpec).join(",")}\n\n`,
    costTable(result),
    "\n",
    betaText(result),
    testText(result),
    endText(result, dataFlags),
  ].join("");
};
