import { visibleText } from "../../base/visible-text.js";
import { fallbackText } from "../../engine/fallback-text.js";
import type { EventOf, WorkflowEvent } from "../../workflows/events.js";
import type { CommandContext } from "../command.js";
import { setupProgress } from "../engine/setup-progress.js";
import { errorText, flagName } from "../error-text.js";
import { unrecordedTraining } from "./unrecorded-training.js";

const MEGABYTE = 1e6;
/** The digits of a hash that file names contain, too. */
const SHOWN_DIGITS = 8;

/** Prints a line for every 10% of a download. */
const downloadLines = (write: (line: string) => void) => {
  let shown = -1;
  return (
    what: string,
    {
      receivedBytes,
      totalBytes,
    }: Pick<EventOf<"download-progress">, "receivedBytes" | "totalBytes">,
  ): void => {
    if (!totalBytes) return;
    const tenth = Math.floor((10 * receivedBytes) / totalBytes);
    if (tenth === shown) return;
    shown = tenth;
    write(`Downloading ${what}: ${tenth * 10}% of ${(totalBytes / MEGABYTE).toFixed(0)} MB`);
  };
};

const modelChosenText = ({ option, defaultFile, why, chosen }: EventOf<"model-chosen">): string => {
  const reason = why === "missing" ? "does not exist" : "does not match the other flags";
  return `No ${flagName(option)} is given, and ${defaultFile} ${reason}: using ${chosen}`;
};

const waitingText = ({ path, holder, longestMs }: EventOf<"waiting-for-lock">): string =>
  `Waiting up to ${longestMs / 1000} s for the lock ${path}, to see whether its holder (${holder}) is still running.`;

const weightsText = ({ file, sha256, isKept }: EventOf<"weights-ready">): string =>
  `${isKept ? "Using" : "Downloaded"} ${file} (SHA-256 ${sha256.slice(0, SHOWN_DIGITS)} as published)`;

/** Prints events that any workflow may report on stderr; with --json, without progress. */
export const createEventPrinter = (
  context: CommandContext,
  { json = false }: { readonly json?: boolean } = {},
) => {
  const write = (line: string): void => context.stderr.write(`${line}\n`);
  const setup = setupProgress(context);
  const download = downloadLines(write);
  const event = (each: WorkflowEvent): void => {
    switch (each.kind) {
      case "message":
        setup.notify(visibleText(each.text));
        return;
      case "engine-fallback":
        setup.notify(visibleText(fallbackText(errorText(each.error))));
        return;
      case "setup-progress":
        setup.progress(each.progress);
        return;
      case "download-progress":
        download(each.dataSet, each);
        return;
      case "weights-progress":
        download(`the weights of ${each.arch}`, each);
        return;
      case "weights-ready":
        if (!json) write(weightsText(each));
        return;
      case "waiting-for-lock":
        write(waitingText(each));
        return;
      case "model-chosen":
        write(modelChosenText(each));
        return;
      case "unrecorded-training":
        write(unrecordedTraining(each));
        return;
      case "provenance-not-written":
        write(`Could not record the provenance of ${each.file}: ${each.reason}`);
        return;
      case "calibrating":
        if (!json) write(`Computing gradients on ${each.batches} batches of training images`);
        return;
      case "measuring-latency":
        if (!json) write(`Measuring the time of batches of ${each.batch}`);
        return;
      case "testing-net":
        if (!json) write(`Testing the net: ${each.net}`);
    }
  };
  return { event, close: setup.close };
};
