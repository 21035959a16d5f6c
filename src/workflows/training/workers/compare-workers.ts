import { createHash } from "node:crypto";
import { usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { DataSet, ImageSet } from "../../../data/data-set.js";
import type { Net } from "../../../models/net.js";
import { effectOf } from "../../../options/flag.js";
import type { Workers } from "../../../tensor/workers.js";
import { gatherTexts } from "../../../train/workers/gather-texts.js";
import { netDigest } from "../../../train/workers/shared-state.js";
import type { TrainingCall } from "../training-call.js";

type Facts = Readonly<Record<string, unknown>>;

/** Effects of options that may differ between workers: they do not affect results. */
const FREE: readonly string[] = ["feeding", "source", "only this call"];

/** The options on which all workers have to agree. */
const sharedOptions = ({ options, schema, command }: TrainingCall): Facts => ({
  command,
  ...Object.fromEntries(
    Object.entries(options).filter(([key]) => !FREE.includes(effectOf(schema, key))),
  ),
});

/** The facts of another worker that differ from those of worker 0: its index and the names. */
const differences = (workers: Workers, facts: Facts) => {
  const all = gatherTexts(workers, JSON.stringify(facts)).map((text): Facts => JSON.parse(text));
  const [first = {}] = all;
  for (const [index, other] of all.entries()) {
    const names = [...new Set([...Object.keys(first), ...Object.keys(other)])];
    const name = names.find((each) => JSON.stringify(first[each]) !== JSON.stringify(other[each]));
    if (name !== undefined) return { index, name, ours: first[name], theirs: other[name] };
  }
  return undefined;
};

const shown = (value: unknown): string =>
  value === undefined || value === null ? "none" : String(value);

/**
 * Compares what the workers were started with.
 * @throws QpruneError (usage) in all workers unless all have the same versions and options
 */
export const compareCalls = (
  workers: Workers,
  call: TrainingCall,
  versions: Readonly<Record<string, string>>,
): void => {
  const of = differences(workers, { ...versions, ...sharedOptions(call) });
  if (!of) return;
  const { index, name, ours, theirs } = of;
  if (name in versions) {
    throw usageError(
      `Worker ${index} has ${name} ${shown(theirs)}, worker 0 has ${shown(ours)}.`,
      "Install the same version on all machines.",
      { code: "workers-differ" },
    );
  }
  const what = name === "command" ? "command" : option(name);
  throw usageError(
    `Worker ${index} was started with ${what} ${shown(theirs)}, worker 0 with ${shown(ours)}.`,
    "Start the same command on all machines.",
    { code: "workers-differ" },
  );
};

/** A digest of images and labels. */
const setDigest = ({ images, labels, count, places }: ImageSet): string => {
  const hash = createHash("sha256").update(String(count)).update(images);
  for (const list of places ? [labels, places] : [labels]) {
    hash.update(new Uint8Array(list.buffer, list.byteOffset, list.byteLength));
  }
  return hash.digest("hex");
};

const dataDigest = ({ train, validation, test, fingerprint, info }: DataSet): string =>
  JSON.stringify([
    fingerprint ?? [train, validation, test].map((set) => (set ? setDigest(set) : null)),
    info.classNames,
    train.count,
    test.count,
  ]);

const REASONS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  data: ["other images", "Copy the same data folder to all machines."],
  net: [
    "other initial weights",
    "Copy the files that the net starts from to all machines, and give the same paths or names.",
  ],
  settings: [
    "another precision or teacher",
    "Choose the precision, and copy the teacher to all machines.",
  ],
};

/**
 * Compares what the workers read and built.
 * @throws QpruneError (usage) in all workers unless all have the same images, net and settings
 */
export const compareRuns = (
  workers: Workers,
  net: Net,
  dataSet: DataSet,
  settings: readonly unknown[],
): void => {
  if (workers.count === 1) return;
  const facts = {
    data: dataDigest(dataSet),
    net: netDigest(net),
    settings: JSON.stringify(settings),
  };
  const of = differences(workers, facts);
  if (!of) return;
  const [what = of.name, hint = ""] = REASONS[of.name] ?? [];
  throw usageError(`Worker ${of.index} has ${what} than worker 0.`, hint, {
    code: "workers-differ",
  });
};
