import { option } from "../../../base/option-reference.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../../data/data-set.js";
import { type Chain, chainDifference } from "../../../models/chain-difference.js";
import type { NetDescription } from "../../../models/net-description.js";
import { readDescription } from "../../../models/read-description.js";
import type { TrainingCall } from "../training-call.js";
import { checkClasses } from "./check-classes.js";
import { contradictionError } from "./contradiction-error.js";

/** The layers of a file: those of its manifest, or else of the net that it was recognized as. */
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
      : " Their batch norms are on different sides of the convolutions and have different widths.";
  throw contradictionError(
    `${option("arch")} is ${arch}`,
    file,
    `The file contains ${file.net.arch}, whose ${difference}; omit ${option("arch")}.${reason}`,
  );
};

/**
 * Refuses options that contradict the layers, widths and classes of a file. `net` is the net of `arch`; its own widths
 * are ignored.
 * @throws QpruneError (usage) that names the option and what the file has.
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
    throw contradictionError(
      `${option("cfg")} is ${options.cfg}`,
      file,
      `The file's widths are ${widths}; omit ${option("cfg")}.`,
    );
  }
  if (given.has("width")) {
    throw contradictionError(
      `${option("width")} asks for other widths`,
      file,
      `Omit ${option("width")}.`,
    );
  }
  checkClasses(file, dataSet, options.data);
};
