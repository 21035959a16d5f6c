import { option } from "../../../base/option-reference.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../../data/data-set.js";
import { type Chain, chainDifference } from "../../../models/chain-difference.js";
import type { NetDescription } from "../../../models/net-description.js";
import { readDescription } from "../../../models/read-description.js";
import type { TrainingCall } from "../training-call.js";
import { checkClasses } from "./check-classes.js";
import { contradiction } from "./contradiction.js";

/** The chain of a file: that of its manifest, else of the net that it was recognised as. */
const chainOf = (file: Checkpoint): Chain =>
  file.manifest?.spec ?? readDescription(file.recognised);

const checkChain = (arch: string, net: NetDescription, file: Checkpoint): void => {
  const own = chainOf(file);
  const asked = readDescription(net);
  const difference = chainDifference(own, asked);
  if (difference === undefined) return;
  const reason =
    own.order === asked.order
      ? ""
      : " Their norms are on different sides of the convolutions and have other widths.";
  throw contradiction(
    `${option("arch")} is ${arch}`,
    file,
    `The file holds ${file.net.arch}, whose ${difference}; leave ${option("arch")} out.${reason}`,
  );
};

/**
 * A file records chain, widths and classes; options that contradict it are refused. `net` is that of `arch`,
 * whose own widths do not count when a file is given.
 * @throws QpruneError (usage) naming the option, and what the file holds.
 */
export const checkAgainstFile = (
  { options, given }: TrainingCall,
  net: NetDescription,
  dataSet: DataSetInfo,
  file: Checkpoint,
): void => {
  const { widths } = file.net;
  if (given.has("arch")) checkChain(options.arch, net, file);
  if (given.has("cfg") && String(options.cfg) !== String(widths)) {
    throw contradiction(
      `${option("cfg")} is ${options.cfg}`,
      file,
      `The file's widths are ${widths}; leave ${option("cfg")} out.`,
    );
  }
  if (given.has("width")) {
    throw contradiction(
      `${option("width")} asks for other widths`,
      file,
      `Leave ${option("width")} out.`,
    );
  }
  checkClasses(file, dataSet, options.data);
};
