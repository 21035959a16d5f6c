import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../../data/data-set.js";
import { type Chain, chainDifference } from "../../../models/chain-difference.js";
import type { NetDescription } from "../../../models/net-description.js";
import { readDescription } from "../../../models/read-description.js";
import { checkClasses } from "./check-classes.js";
import { contradiction } from "./contradiction.js";
import type { TrainingCall } from "../training-call.js";

/** The chain of a file: told by its manifest, else by the net that it was recognised as. */
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
      : " Their norms stand on different sides of the convolutions and have other widths.";
  throw contradiction(
    `--arch is ${arch}`,
    file,
    `The file holds ${file.net.arch}, whose ${difference}; leave --arch out.${reason}`,
  );
};

/**
 * A file tells chain, widths and classes; flags that say otherwise are refused. `net` is that of --arch,
 * whose own widths do not count beside a file's.
 * @throws QpruneError (usage) naming the flag, and what the file holds.
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
      `--cfg is ${options.cfg}`,
      file,
      `The file's widths are ${widths}; leave --cfg out.`,
    );
  }
  if (given.has("width")) {
    throw contradiction("--width asks for other widths", file, "Leave --width out.");
  }
  checkClasses(file, dataSet, options.data);
};
