import { option } from "../../../base/option-reference.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../../data/data-set.js";
import type { Architecture } from "../../../models/architecture.js";
import {
  type Chain,
  chainDifference,
} from "../../../models/chains/descriptions/chain-difference.js";
import { readDescription } from "../../../models/chains/descriptions/read-chain-description.js";
import { isChain } from "../../../models/net-spec.js";
import type { TrainingCall } from "../training-call.js";
import { checkClasses } from "./check-classes.js";
import { contradictionError } from "./contradiction-error.js";

/** The layers of a file: those of its manifest, or else of the net that it was recognized as. */
const chainOf = ({ manifest, recognized }: Checkpoint): Chain | null => {
  if (manifest) return isChain(manifest.spec) ? manifest.spec : null;
  return recognized.kind === "chain" ? readDescription(recognized.description) : null;
};

const checkArch = (arch: string, net: Architecture, file: Checkpoint): void => {
  const own = chainOf(file);
  if (net.kind === "graph" || !own) {
    if (net.name === file.net.arch) return;
    throw contradictionError(
      `${option("arch")} is ${arch}`,
      file,
      `The file contains ${file.net.arch}; omit ${option("arch")}.`,
    );
  }
  const asked = readDescription(net.description);
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
  net: Architecture,
  dataSet: DataSetInfo,
  file: Checkpoint,
): void => {
  const { chain } = file.net;
  if (given.has("arch")) checkArch(options.arch, net, file);
  if (chain && given.has("cfg") && String(options.cfg) !== String(chain.widths)) {
    throw contradictionError(
      `${option("cfg")} is ${options.cfg}`,
      file,
      `The file's widths are ${chain.widths}; omit ${option("cfg")}.`,
    );
  }
  if (given.has("width")) {
    throw contradictionError(
      `${option("width")} asks for other widths`,
      file,
      `Omit ${option("width")}.`,
    );
  }
  // The head of a graph is replaced for other classes when it is refined.
  const isReplaced = !chain && options.refine !== undefined && !options.evaluate;
  if (!isReplaced) checkClasses(file, dataSet, options.data);
};
